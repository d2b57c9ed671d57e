// SPDX-License-Identifier: Apache-2.0
// StimGuide (Magstim Horizon): one JSON of targets and stimuli, in metres in the head's own system.
#include <Eigen/Geometry>
#include <cmath>
#include <nlohmann/json.hpp>

#include "data/error.h"
#include "data/markers/formats.h"
#include "data/markers/marker_text.h"

namespace precentral::markers {
namespace {

using nlohmann::json;

double number_at(const PoseDoor& door, const json& object, const char* key, const std::string& where) {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_number()) door.refuse(where, std::string("no number \"") + key + "\".");
    return found->get<double>();
}

Transform<MarkerSpace, Coil> pose_of(PoseDoor& door, const json& entry, const std::string& where) {
    if (!entry.is_object() || !entry.contains("Rotation") || !entry.contains("Position")) {
        door.refuse(where, "no rotation and position in it.");
    }
    const json& r = entry["Rotation"];
    const json& p = entry["Position"];
    if (!r.is_object() || !p.is_object()) door.refuse(where, "no rotation and position in it.");
    const auto at = [&](const json& object, const char* key) { return number_at(door, object, key, where); };
    const Eigen::Quaterniond q(at(r, "W"), at(r, "X"), at(r, "Y"), at(r, "Z"));
    if (!(std::abs(q.norm() - 1.0) <= 1e-2)) door.refuse(where, "the rotation is not a unit quaternion.");
    const Eigen::Vector3d centre_mm = 1000.0 * Eigen::Vector3d(at(p, "X"), at(p, "Y"), at(p, "Z"));
    return door.pose(q.normalized().toRotationMatrix(), centre_mm, where);
}

std::string text_at(const json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

// "2020-05-20T08:37:26.0296171Z", in tenths of a microsecond, to milliseconds.
std::string time_of(const json& entry) {
    const std::string text = text_at(entry, "Time");
    if (text.size() < 19 || text.starts_with("0001-")) return "";
    const auto point = text.find('.');
    std::string out = text.substr(0, 19);
    const std::string after = point == 19 ? text.substr(20, text.find_first_not_of("0123456789", 20) - 20) : "";
    out += "." + (after + "000").substr(0, 3);
    return text.ends_with('Z') ? out + "Z" : out;
}

std::optional<double> measured(const json& entry, const char* key) {
    const auto found = entry.find(key);
    if (found == entry.end() || !found->is_number() || found->get<double>() == 0.0) return std::nullopt;
    return found->get<double>();
}

json pose_json(const Transform<MarkerSpace, Coil>& pose) {
    const Eigen::Quaterniond q(pose.rotation());
    const Eigen::Vector3d metres = 1e-3 * pose.origin().xyz;
    return {{"Rotation", {{"X", q.x()}, {"Y", q.y()}, {"Z", q.z()}, {"W", q.w()}, {"IsIdentity", false}}},
            {"Position", {{"X", metres.x()}, {"Y", metres.y()}, {"Z", metres.z()}}}};
}

}  // namespace

MarkerSet read_stimguide(const std::string& file, std::string_view text, const MarkerReading& how) {
    PoseDoor door(file, CoilAxes::ours, how.nearest_rotation);
    const json parsed = json::parse(text, nullptr, false);
    if (!parsed.is_object()) door.refuse("", "not JSON, or cut short.");
    MarkerSet out;
    out.format = "stimguide";
    out.space = SpaceKind::head;
    out.coordinate_system = "nasion-ear";
    const auto each = [&](const char* key, const auto& take) {
        const auto list = parsed.find(key);
        if (list == parsed.end() || list->is_null()) return;
        if (!list->is_array()) door.refuse("", std::string("\"") + key + "\" is not a list.");
        int number = 0;
        for (const json& entry : *list) take(entry, std::string(key) + " " + std::to_string(++number));
    };
    each("Targets", [&](const json& entry, const std::string& where) {
        MarkerTarget target;
        target.pose = pose_of(door, entry, where);
        target.name = text_at(entry, "Name");
        out.targets.push_back(std::move(target));
    });
    each("Stimuli", [&](const json& entry, const std::string& where) {
        MarkerPulse pulse;
        pulse.pose = pose_of(door, entry, where);
        pulse.time = time_of(entry);
        pulse.mep_uv = measured(entry, "EmgPeakToPeak");
        pulse.mep_latency_ms = measured(entry, "EmgLatency");
        if (entry.contains("Intensity") && entry["Intensity"].is_object()) {
            pulse.intensity_mso = measured(entry["Intensity"], "Value");
        }
        if (entry.contains("Target") && entry["Target"].is_object()) pulse.target = text_at(entry["Target"], "Name");
        out.pulses.push_back(std::move(pulse));
    });
    each("Landmarks", [&](const json&, const std::string&) { ++out.ignored; });
    if (out.ignored > 0) {
        out.warnings.push_back(counted(out.ignored, "set", "sets") +
                               " of landmarks, in the camera's system, not taken.");
    }
    out.warnings.emplace_back(
        "The positions are in the head's own system (nasion and ears), not in an MRI, and its coil axes are taken as "
        "the file has them: no published source says how they lie. Do not navigate on them.");
    return out;
}

std::vector<FileText> stimguide_text(const MarkerSet& markers, const std::filesystem::path& file) {
    json targets = json::array();
    std::map<std::string, json> by_name;
    for (const MarkerTarget& target : markers.targets) {
        if (!target.pose) continue;
        json entry = pose_json(*target.pose);
        entry["Name"] = target.name;
        by_name.emplace(target.name, entry);
        targets.push_back(std::move(entry));
    }
    json stimuli = json::array();
    for (const MarkerPulse& pulse : markers.pulses) {
        if (!pulse.pose) continue;
        json entry = pose_json(*pulse.pose);
        entry["Time"] = pulse.time;
        entry["EmgPeakToPeak"] = pulse.mep_uv.value_or(0.0);
        entry["EmgLatency"] = pulse.mep_latency_ms.value_or(0.0);
        if (pulse.intensity_mso) entry["Intensity"] = {{"Value", *pulse.intensity_mso}};
        const auto aimed = by_name.find(pulse.target);
        if (aimed != by_name.end()) {
            entry["Target"] = aimed->second;
        } else if (!pulse.target.empty()) {
            entry["Target"] = {{"Name", pulse.target}};
        }
        stimuli.push_back(std::move(entry));
    }
    const json whole{{"Targets", targets}, {"Stimuli", stimuli}};
    return {{file, whole.dump(2, ' ', false, json::error_handler_t::replace) + "\n"}};
}

}  // namespace precentral::markers
