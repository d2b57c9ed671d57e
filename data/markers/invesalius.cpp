// SPDX-License-Identifier: Apache-2.0
// InVesalius's .mkss: a tab-separated table; its world columns are RAS mm.
#include <Eigen/Geometry>
#include <numbers>

#include "data/error.h"
#include "data/markers/formats.h"
#include "data/markers/marker_text.h"
#include "data/text_fields.h"

namespace precentral::markers {
namespace {

constexpr std::string_view kMagic = "##INVESALIUS3_MARKER_FILE_";
constexpr int kNewest = 5;

enum Kind { fiducial, landmark, brain_target, coil_target, coil_pose };

}  // namespace

MarkerSet read_invesalius(const std::string& file, std::string_view text, const MarkerReading& how) {
    PoseDoor door(file, CoilAxes::z_outwards, how.nearest_rotation);
    const auto lines = lines_of(text);
    const auto version = number_in(lines.front().substr(std::min(lines.front().size(), kMagic.size())));
    if (!version || *version < 0 || *version > kNewest) {
        door.refuse("line 1", "the version is not one from 0 to " + std::to_string(kNewest) + ".");
    }
    if (lines.size() < 2) door.refuse("", "no line of column names; the file is cut short.");
    const Header header(cells_of(lines[1], '\t'));
    if (!header.has("x_world")) {
        door.refuse("line 2",
                    "no world coordinates (column x_world): InVesalius's own cannot be used without its "
                    "image. Save the markers again from a project with a NIfTI image.");
    }
    MarkerSet out;
    out.format = "invesalius";
    out.version = digits(*version);
    out.coordinate_system = "world";
    out.space = SpaceKind::scan;
    int brain = 0;
    int placeless = 0;
    for (std::size_t i = 2; i < lines.size(); ++i) {
        if (trimmed(lines[i]).empty()) continue;
        const std::string where = "line " + std::to_string(i + 1);
        const auto cells = cells_of(lines[i], '\t');
        if (cells.size() < header.names().size()) {
            door.refuse(where, "only " + std::to_string(cells.size()) + " of " + std::to_string(header.names().size()) +
                                   " columns; the file is cut short.");
        }
        const auto known = [&](const char* name) {
            const std::string& cell = header.at(cells, name);
            return !cell.empty() && cell != "None" && cell != "N/A";
        };
        const auto number = [&](const char* name) { return required(door, header.at(cells, name), where, name); };
        const std::string label = header.at(cells, "label");
        int kind = known("alpha") ? coil_target : landmark;
        if (header.has("marker_type"))
            kind = static_cast<int>(number("marker_type"));
        else if (label == "LEI" || label == "REI" || label == "NAI")
            kind = fiducial;
        if (!known("x_world")) {
            ++placeless;
            ++out.ignored;
            continue;
        }
        const Eigen::Vector3d place(number("x_world"), number("y_world"), number("z_world"));
        std::optional<Transform<MarkerSpace, Coil>> pose;
        if (known("alpha") && known("alpha_world")) {
            constexpr double kRadians = std::numbers::pi / 180.0;
            // Turned about the fixed axes x, y, z, in this order.
            const Eigen::Matrix3d axes =
                (Eigen::AngleAxisd(number("gamma_world") * kRadians, Eigen::Vector3d::UnitZ()) *
                 Eigen::AngleAxisd(number("beta_world") * kRadians, Eigen::Vector3d::UnitY()) *
                 Eigen::AngleAxisd(number("alpha_world") * kRadians, Eigen::Vector3d::UnitX()))
                    .toRotationMatrix();
            pose = door.pose(axes, place, where);
        }
        switch (kind) {
            case fiducial:
            case landmark: out.landmarks.push_back({label, door.point(place, where)}); break;
            case coil_target: {
                MarkerTarget target;
                target.name = label;
                target.pose = pose;
                if (!pose) target.point = door.point(place, where);
                out.targets.push_back(std::move(target));
                break;
            }
            case coil_pose: {
                MarkerPulse pulse;
                pulse.name = label;
                pulse.pose = pose;
                if (!pose) pulse.point = door.point(place, where);
                if (known("mep_value")) pulse.mep_uv = number("mep_value");
                out.pulses.push_back(std::move(pulse));
                break;
            }
            case brain_target:
                ++brain;
                ++out.ignored;
                break;
            default: door.refuse(where, "the marker type is not one from 0 to 4.");
        }
    }
    if (brain > 0) out.warnings.push_back(counted(brain, "brain target", "brain targets") + " not taken.");
    if (placeless > 0) {
        out.warnings.push_back(counted(placeless, "marker", "markers") + " without world coordinates not taken.");
    }
    if (*version < 4) {
        out.warnings.emplace_back("In files before version 4 coil and fiducials may lie in different systems; check.");
    }
    if (!out.targets.empty() || !out.pulses.empty()) {
        out.warnings.emplace_back(
            "InVesalius's coil axes are taken with z away from the head and y away from the handle; compare one pose "
            "on "
            "the screen.");
    }
    return out;
}

}  // namespace precentral::markers
