// SPDX-License-Identifier: Apache-2.0
#include "data/pose_sequence.h"

#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>
#include <set>
#include <string_view>

#include "data/error.h"
#include "data/frames.h"
#include "data/text_fields.h"
#include "data/text_file.h"

namespace precentral {
namespace {

constexpr std::string_view kFrame = "Seq_Frame";
constexpr std::string_view kTransform = "Transform";
constexpr std::string_view kStatus = "TransformStatus";
const PoseFrame kNoTime{.time_s = std::numeric_limits<double>::quiet_NaN()};

bool ends_with(std::string_view text, std::string_view end) {
    return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

[[noreturn]] void broken(const std::string& path, int line, const std::string& why) {
    throw InputError("\"" + path + "\", line " + std::to_string(line) + ": " + why);
}

std::optional<double> number_at(const std::string& text, std::size_t& at) {
    const char* begin = text.c_str() + at;
    char* end = nullptr;
    const double value = std::strtod(begin, &end);
    if (end == begin) return std::nullopt;
    at += static_cast<std::size_t>(end - begin);
    return value;
}

Eigen::Isometry3d pose_from(std::string_view value, const std::string& path, int line) {
    const std::string text(value);
    Eigen::Matrix4d m;
    std::size_t at = 0;
    for (int i = 0; i < 16; ++i) {
        const auto number = number_at(text, at);
        if (!number) broken(path, line, "a pose is 16 numbers, the 4x4 matrix row by row.");
        m(i / 4, i % 4) = *number;
    }
    if (!trimmed(std::string_view(text).substr(at)).empty()) broken(path, line, "a pose has more than 16 numbers.");
    return rigid_from_matrix(m, "\"" + path + "\", line " + std::to_string(line));
}

}  // namespace

std::vector<PoseFrame> read_pose_sequence(const std::string& path) {
    const std::string text = read_text_file(path, std::size_t{1} << 30);
    std::map<unsigned long, PoseFrame> frames;
    int line_number = 0;
    bool header = false;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = text.find('\n', at);
        if (end == std::string::npos) end = text.size();
        const std::string_view line(text.data() + at, end - at);
        at = end + 1;
        ++line_number;
        const auto equals = line.find('=');
        if (equals == std::string_view::npos) continue;
        const std::string_view key = trimmed(line.substr(0, equals));
        const std::string_view value = trimmed(line.substr(equals + 1));
        if (key == "ObjectType") header = true;
        if (key == "ElementDataFile") break;  // the images follow
        if (key.substr(0, kFrame.size()) != kFrame) continue;
        std::size_t digits = kFrame.size();
        while (digits < key.size() && key[digits] >= '0' && key[digits] <= '9') ++digits;
        if (digits == kFrame.size() || digits > kFrame.size() + 9 || digits >= key.size() || key[digits] != '_') {
            broken(path, line_number, "a frame has no number.");
        }
        const unsigned long number = std::strtoul(std::string(key.substr(kFrame.size(), digits)).c_str(), nullptr, 10);
        PoseFrame& frame = frames.try_emplace(number, kNoTime).first->second;
        const std::string_view name = key.substr(digits + 1);
        if (name == "Timestamp") {
            const std::string time_text(value);
            std::size_t used = 0;
            const auto time = number_at(time_text, used);
            if (!time || !std::isfinite(*time)) broken(path, line_number, "a time is not a number.");
            frame.time_s = *time;
        } else if (ends_with(name, kStatus)) {
            if (value != "OK") {
                frame.not_ok[std::string(name.substr(0, name.size() - kStatus.size()))] = std::string(value);
            }
        } else if (ends_with(name, kTransform)) {
            frame.poses[std::string(name.substr(0, name.size() - kTransform.size()))] =
                pose_from(value, path, line_number);
        }
    }
    if (!header || frames.empty()) {
        throw InputError("\"" + path + "\" is not a sequence metafile: no frame with a pose was found.");
    }
    std::vector<PoseFrame> out;
    for (auto& [number, frame] : frames) {
        for (const auto& [name, status] : frame.not_ok) frame.poses.erase(name);
        out.push_back(std::move(frame));
    }
    return out;
}

std::vector<Eigen::Isometry3d> poses_between(const std::vector<PoseFrame>& sequence, const std::string& tool,
                                             const std::string& reference, std::vector<std::size_t>* frames) {
    const std::string direct = tool + "To" + reference;
    const std::string tool_name = tool + "ToTracker";
    const std::string reference_name = reference + "ToTracker";
    std::vector<Eigen::Isometry3d> out;
    if (frames != nullptr) frames->clear();
    std::set<std::string> names;
    for (std::size_t i = 0; i < sequence.size(); ++i) {
        const auto& poses = sequence[i].poses;
        for (const auto& [name, pose] : poses) names.insert(name);
        const auto found = poses.find(direct);
        const auto of_tool = poses.find(tool_name);
        const auto of_reference = poses.find(reference_name);
        if (found != poses.end()) {
            out.push_back(found->second);
        } else if (of_tool != poses.end() && of_reference != poses.end()) {
            out.push_back(of_reference->second.inverse() * of_tool->second);
        } else {
            continue;
        }
        if (frames != nullptr) frames->push_back(i);
    }
    if (out.empty()) {
        std::string known;
        for (const std::string& name : names) known += (known.empty() ? "" : ", ") + name;
        throw InputError("The recording holds no pose from " + tool + " to " + reference + "; it holds " +
                         (known.empty() ? "none" : known) + ".");
    }
    return out;
}

}  // namespace precentral
