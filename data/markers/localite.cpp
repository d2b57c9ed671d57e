// SPDX-License-Identifier: Apache-2.0
// Localite's XML: instrument markers (targets), entry and target pairs, trigger markers (pulses).
#include <algorithm>
#include <cmath>

#include "data/error.h"
#include "data/markers/formats.h"
#include "data/markers/marker_text.h"
#include "data/markers/xml_tree.h"
#include "data/text_fields.h"
#include "data/text_file.h"

namespace precentral::markers {
namespace {

std::string line_of(const XmlElement& element) { return "line " + std::to_string(element.line); }

const XmlElement& child_of(const PoseDoor& door, const XmlElement& element, const char* name) {
    const XmlElement* found = element.child(name);
    if (found == nullptr) door.refuse(line_of(element), "<" + element.name + "> without <" + name + ">.");
    return *found;
}

Eigen::Matrix4d matrix_in(const PoseDoor& door, const XmlElement& marker) {
    const XmlElement& matrix = child_of(door, marker, "Matrix4D");
    Eigen::Matrix4d out;
    for (int row = 0; row < 4; ++row) {
        for (int column = 0; column < 4; ++column) {
            const std::string name = "data" + std::to_string(row) + std::to_string(column);
            out(row, column) = required(door, matrix.attribute(name), line_of(matrix), name);
        }
    }
    if (out.row(3) != Eigen::RowVector4d(0, 0, 0, 1)) {
        door.refuse(line_of(matrix), "the last row of the matrix is not 0 0 0 1.");
    }
    return out;
}

Transform<MarkerSpace, Coil> pose_in(PoseDoor& door, const XmlElement& marker) {
    const Eigen::Matrix4d m = matrix_in(door, marker);
    return door.pose(m.topLeftCorner<3, 3>(), m.topRightCorner<3, 1>(), line_of(marker));
}

Point<MarkerSpace> point_in(const PoseDoor& door, const XmlElement& marker) {
    const XmlElement& vector = child_of(door, marker, "ColVec3D");
    Eigen::Vector3d out;
    for (int i = 0; i < 3; ++i) {
        const std::string name = "data" + std::to_string(i);
        out[i] = required(door, vector.attribute(name), line_of(vector), name);
    }
    return door.point(out, line_of(marker));
}

// "20210409170817799" at the end of the file's name: "2021-04-09", when it was saved.
std::string day_in(const std::string& file) {
    const std::string stem = std::filesystem::path(file).stem().string();
    const std::string stamp = stem.substr(stem.find_last_not_of("0123456789") + 1);
    if (stamp.size() != 17) return "";
    return stamp.substr(0, 4) + "-" + stamp.substr(4, 2) + "-" + stamp.substr(6, 2);
}

// "17:06:40.58" in ms of the day. The digits behind the point are whole milliseconds without leading zeros.
std::optional<long> ms_of_day(const std::string& text) {
    long out = 0;
    std::string_view rest = text;
    for (const long unit : {3'600'000L, 60'000L, 1000L, 1L}) {
        const auto end = rest.find_first_of(":.");
        const auto value = number_in(rest.substr(0, end));
        if (!value || *value < 0 || *value > 999 || *value != std::floor(*value)) return std::nullopt;
        out += static_cast<long>(*value) * unit;
        if (end == std::string_view::npos) return unit <= 1000 ? std::optional(out) : std::nullopt;
        rest.remove_prefix(end + 1);
    }
    return std::nullopt;
}

std::string clock(long ms) {
    const auto two = [](long v) { return (v < 10 ? "0" : "") + std::to_string(v); };
    const std::string thousandths = std::to_string(1000 + ms % 1000).substr(1);
    return two(ms / 3'600'000) + ":" + two(ms / 60'000 % 60) + ":" + two(ms / 1000 % 60) + "." + thousandths;
}

void read_triggers(PoseDoor& door, const XmlElement& root, MarkerSet& out) {
    const std::string day = day_in(door.file());
    const auto start_ms = ms_of_day(root.attribute("startTime"));
    bool past_midnight = false;
    for (const XmlElement& marker : root.children) {
        if (marker.name != "TriggerMarker") continue;
        MarkerPulse pulse;
        pulse.name = marker.attribute("description");
        if (marker.attribute("set") != "false") {
            pulse.pose = pose_in(door, marker);
        } else {
            matrix_in(door, marker);  // there all the same
        }
        if (const std::string& at = marker.attribute("recordingTime"); !at.empty()) {
            pulse.since_start_ms = required(door, at, line_of(marker), "recordingTime");
            if (start_ms && !day.empty() && *pulse.since_start_ms >= 0) {
                const auto ms = *start_ms + std::lround(std::min(*pulse.since_start_ms, 1e9));
                past_midnight = past_midnight || ms >= 86'400'000;
                if (ms < 86'400'000) pulse.time = day + "T" + clock(ms);
            }
        }
        const XmlElement* responses = marker.child("ResponseValues");
        std::optional<double> high, low;
        for (const XmlElement& value : responses == nullptr ? std::vector<XmlElement>{} : responses->children) {
            const auto number = number_in(value.attribute("response"));  // NaN = not measured
            const std::string& key = value.attribute("key");
            if (key == "valueA") pulse.di_dt_a_per_us = number;
            if (key == "amplitudeA") pulse.intensity_mso = number;
            if (key == "response" || key == "mepAmplitude") pulse.mep_uv = number ? number : pulse.mep_uv;
            if (key == "mepMaxTime" && number) pulse.mep_latency_ms = *number / 1000.0;  // given in us
            if (key == "mepMax") high = number;
            if (key == "mepMin") low = number;
        }
        if (!pulse.mep_uv && high && low) pulse.mep_uv = *high - *low;
        out.pulses.push_back(std::move(pulse));
    }
    if (past_midnight) out.warnings.emplace_back("The recording goes on past midnight; those pulses have no date.");
    if (day.empty() && !out.pulses.empty()) {
        out.warnings.emplace_back("The file's name has no date, so the pulses have only their time since the start.");
    }
}

void read_pairs(PoseDoor& door, const XmlElement& root, MarkerSet& out) {
    std::map<std::string, Point<MarkerSpace>> entries;
    for (const XmlElement& one : root.children) {
        if (one.name != "Entry" && one.name != "Target") continue;
        const XmlElement& marker = child_of(door, one, "Marker");
        if (marker.attribute("set") == "false") {
            ++out.ignored;
            continue;
        }
        const Point<MarkerSpace> point = point_in(door, marker);
        if (one.name == "Entry") {
            entries[one.attribute("index")] = point;
            continue;
        }
        MarkerTarget target;
        target.name = marker.attribute("description");
        target.point = point;
        out.targets.push_back(std::move(target));
        const auto entry = entries.find(one.attribute("index"));
        if (entry != entries.end()) {
            out.targets.back().entry = entry->second;
            entries.erase(entry);
        }
    }
    if (!entries.empty()) {
        out.ignored += static_cast<int>(entries.size());
        out.warnings.push_back(counted(static_cast<int>(entries.size()), "entry point", "entry points") +
                               " without a target not taken.");
    }
}

std::string matrix_text(const Transform<MarkerSpace, Coil>* pose) {
    Eigen::Matrix4d m = Eigen::Matrix4d::Identity();
    if (pose != nullptr) {
        m.topLeftCorner<3, 3>() = axes_out(*pose, CoilAxes::localite);
        m.topRightCorner<3, 1>() = pose->origin().xyz;
    }
    std::string out = "            <Matrix4D";
    for (int i = 0; i < 16; ++i) {
        out += (i % 4 == 0 && i > 0 ? "\n               " : "");
        out += " data" + std::to_string(i / 4) + std::to_string(i % 4) + "=\"" + digits(m(i / 4, i % 4)) + "\"";
    }
    return out + "/>\n";
}

std::string space_word(const MarkerSet& markers) { return markers.space == SpaceKind::mni ? "MNI" : "RAS"; }

std::string vector_text(const Point<MarkerSpace>& point) {
    return "            <ColVec3D data0=\"" + digits(point.xyz.x()) + "\" data1=\"" + digits(point.xyz.y()) +
           "\" data2=\"" + digits(point.xyz.z()) + "\"/>\n";
}

std::string targets_text(const MarkerSet& markers) {
    std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<InstrumentMarkerList coordinateSpace=\"" +
                      space_word(markers) + "\">\n";
    int index = 0;
    for (const MarkerTarget& target : markers.targets) {
        if (!target.pose) continue;
        out += "    <InstrumentMarker alwaysVisible=\"false\" index=\"" + std::to_string(index++) +
               "\" selected=\"false\">\n        <Marker additionalInformation=\"\" color=\"#ff0000\" description=\"" +
               xml_escaped(target.name) + "\" set=\"true\">\n" + matrix_text(&*target.pose) +
               "        </Marker>\n    </InstrumentMarker>\n";
    }
    return out + "</InstrumentMarkerList>\n";
}

std::string pairs_text(const MarkerSet& markers) {
    std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<EntryTargetList coordinateSpace=\"" +
                      space_word(markers) + "\">\n";
    int index = 0;
    for (const MarkerTarget& target : markers.targets) {
        if (target.pose) continue;
        const auto add = [&](const char* kind, const std::string& name, const Point<MarkerSpace>& point) {
            out += std::string("    <") + kind + " alwaysVisible=\"false\" index=\"" + std::to_string(index) +
                   "\" selected=\"true\">\n        <Marker color=\"#00ff00\" description=\"" + xml_escaped(name) +
                   "\" drawAura=\"false\" radius=\"4.0\" set=\"true\">\n" + vector_text(point) +
                   "        </Marker>\n    </" + kind + ">\n";
        };
        if (target.entry) add("Entry", "", *target.entry);
        add("Target", target.name, *target.point);
        ++index;
    }
    return out + "</EntryTargetList>\n";
}

std::string pulses_text(const MarkerSet& markers) {
    // The clock of the first pulse that has both times places the start.
    std::string start = "00:00:00.0";
    for (const MarkerPulse& pulse : markers.pulses) {
        if (pulse.time.size() < 23 || !pulse.since_start_ms) continue;
        const auto at = ms_of_day(pulse.time.substr(11, 12));
        if (!at) continue;
        const long ms = *at - std::lround(*pulse.since_start_ms);
        if (ms >= 0) start = clock(ms);
        break;
    }
    std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<TriggerMarkerList coordinateSpace=\"" +
                      space_word(markers) + "\" isOnlineReading=\"false\" startTime=\"" + start +
                      "\">\n    <ResponseParameters selectedResponseChannel=\"0\">\n"
                      "        <responseDescription id=\"response\" name=\"Response\" unit=\"uV\"/>\n"
                      "        <responseDescription id=\"valueA\" name=\"Value A (di/dt)\" unit=\"A/us\"/>\n"
                      "        <responseDescription id=\"amplitudeA\" name=\"Amplitude A\" unit=\"%\"/>\n"
                      "    </ResponseParameters>\n";
    for (const MarkerPulse& pulse : markers.pulses) {
        const auto value = [](const char* key, const std::optional<double>& v) {
            return std::string("            <Value key=\"") + key + "\" response=\"" + (v ? digits(*v) : "NaN") +
                   "\"/>\n";
        };
        out += "    <TriggerMarker color=\"#ffafaf\" description=\"" + xml_escaped(pulse.name) + "\" recordingTime=\"" +
               digits(pulse.since_start_ms.value_or(0.0)) + "\" selected=\"false\" set=\"" +
               (pulse.pose ? "true" : "false") + "\" visibility=\"true\">\n        <ResponseValues>\n" +
               value("valueA", pulse.di_dt_a_per_us) + value("response", pulse.mep_uv) +
               value("amplitudeA", pulse.intensity_mso) + "        </ResponseValues>\n" +
               matrix_text(pulse.pose ? &*pulse.pose : nullptr) + "    </TriggerMarker>\n";
    }
    return out + "</TriggerMarkerList>\n";
}

std::filesystem::path beside(const std::filesystem::path& file, const std::string& kind) {
    return file.parent_path() / (file.stem().string() + "_" + kind + file.extension().string());
}

}  // namespace

MarkerSet read_localite(const std::string& file, std::string_view text, const MarkerReading& how) {
    const XmlElement root = xml_root(file, text);
    const bool instruments = root.name == "InstrumentMarkerList";
    const bool triggers = root.name == "TriggerMarkerList";
    const bool pairs = root.name == "EntryTargetList";
    const bool fiducials = root.name == "BaseMarkerList";  // on the MRI, for the registration
    PoseDoor door(file, CoilAxes::localite, how.nearest_rotation);
    if (!instruments && !triggers && !pairs && !fiducials) {
        door.refuse("", "a Localite file, but of a <" + root.name +
                            ">, which holds no coil markers; give an InstrumentMarker, EntryTarget or TriggerMarkers "
                            "file, or the folder of the session.");
    }
    MarkerSet out;
    out.format = "localite";
    out.coordinate_system = root.attribute("coordinateSpace");
    Eigen::Matrix3d ras_from_file;
    if (out.coordinate_system == "MNI") {
        out.space = SpaceKind::mni;
        out.warnings.emplace_back("The positions are in MNI space, not in the patient's MRI.");
    } else if (ras_from_letters(out.coordinate_system, ras_from_file) && ras_from_file.determinant() > 0.0) {
        out.space = SpaceKind::scan;
        door.set_ras_from_file(ras_from_file);
        if (ras_from_file != Eigen::Matrix3d::Identity()) {
            out.warnings.push_back("The file's axes are " + out.coordinate_system +
                                   " (from a DICOM image); the positions were turned to RAS. Confirm the side.");
        }
    } else {
        door.refuse(line_of(root), "the coordinate space is \"" + out.coordinate_system +
                                       "\", not RAS, MNI or another right-handed one.");
    }
    if (triggers) read_triggers(door, root, out);
    if (pairs) read_pairs(door, root, out);
    if (fiducials) {
        for (const XmlElement& marker : root.children) {
            if (marker.name != "Marker") continue;
            if (marker.attribute("set") == "false") {
                ++out.ignored;
            } else {
                out.landmarks.push_back({marker.attribute("description"), point_in(door, marker)});
            }
        }
    }
    if (instruments) {
        for (const XmlElement& one : root.children) {
            if (one.name != "InstrumentMarker") continue;
            const XmlElement& marker = child_of(door, one, "Marker");
            if (marker.attribute("set") == "false") {
                ++out.ignored;
                continue;
            }
            MarkerTarget target;
            target.name = marker.attribute("description");
            target.pose = pose_in(door, marker);
            out.targets.push_back(std::move(target));
        }
    }
    if (out.ignored > 0) out.warnings.push_back(counted(out.ignored, "marker is", "markers are") + " not set.");
    door.tell(out.warnings);
    return out;
}

MarkerSet read_localite_session(const std::filesystem::path& folder, const MarkerReading& how) {
    std::vector<std::filesystem::path> instruments, pairs, triggers;
    std::error_code failed;
    for (std::filesystem::recursive_directory_iterator at(folder, failed), end; at != end && !failed;
         at.increment(failed)) {
        if (at->path().extension() != ".xml") continue;
        const std::string room = at->path().parent_path().filename().string();
        const std::string name = at->path().filename().string();
        if (room == "InstrumentMarkers") instruments.push_back(at->path());
        if (room == "EntryTarget") pairs.push_back(at->path());
        if (room == "TMSTrigger" && name.find("TriggerMarkers") != std::string::npos) triggers.push_back(at->path());
    }
    if (instruments.empty() && pairs.empty() && triggers.empty()) {
        throw InputError("\"" + folder.string() + "\" is a folder without Localite markers in it.");
    }
    const auto stamp = [](const std::filesystem::path& path) {
        const std::string stem = path.stem().string();
        return stem.substr(stem.find_last_not_of("0123456789") + 1);
    };
    const auto by_time = [&](const auto& a, const auto& b) {
        return std::pair(stamp(a), a.string()) < std::pair(stamp(b), b.string());
    };
    for (auto* list : {&instruments, &pairs, &triggers}) std::sort(list->begin(), list->end(), by_time);
    // Each save of the targets holds all of them; each file of pulses is its own.
    std::vector<std::filesystem::path> files;
    if (!instruments.empty()) files.push_back(instruments.back());
    if (!pairs.empty()) files.push_back(pairs.back());
    files.insert(files.end(), triggers.begin(), triggers.end());
    MarkerSet out;
    out.format = "localite";
    for (const auto& path : files) {
        const MarkerSet one = read_localite(path.string(), read_text_file(path.string()), how);
        if (out.space != SpaceKind::unknown && one.space != out.space) {
            throw InputError("\"" + folder.string() +
                             "\" holds markers of several spaces; convert its files one by one.");
        }
        out.space = one.space;
        if (out.coordinate_system.empty()) out.coordinate_system = one.coordinate_system;
        out.targets.insert(out.targets.end(), one.targets.begin(), one.targets.end());
        out.pulses.insert(out.pulses.end(), one.pulses.begin(), one.pulses.end());
        out.ignored += one.ignored;
        for (const std::string& warning : one.warnings) {
            out.warnings.push_back(path.filename().string() + ": " + warning);
        }
    }
    return out;
}

std::vector<FileText> localite_text(const MarkerSet& markers, const std::filesystem::path& file) {
    const bool poses = std::any_of(markers.targets.begin(), markers.targets.end(),
                                   [](const MarkerTarget& target) { return target.pose.has_value(); });
    const bool points = std::any_of(markers.targets.begin(), markers.targets.end(),
                                    [](const MarkerTarget& target) { return !target.pose && target.point; });
    std::vector<FileText> out;
    const auto add = [&](const char* kind, std::string text) {
        out.push_back({out.empty() ? file : beside(file, kind), std::move(text)});
    };
    if (poses || (!points && markers.pulses.empty())) add("InstrumentMarkers", targets_text(markers));
    if (points) add("EntryTarget", pairs_text(markers));
    if (!markers.pulses.empty()) add("TriggerMarkers", pulses_text(markers));
    return out;
}

}  // namespace precentral::markers
