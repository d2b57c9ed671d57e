// SPDX-License-Identifier: Apache-2.0
#include "navigation/replay_recording.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "data/error.h"
#include "navigation/tool_names.h"

namespace precentral {
namespace {

constexpr std::size_t kCountWidth = 16;

// As short as reads back to the same number.
void append(std::string& out, double value) {
    std::array<char, 40> text{};
    const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
    out.append(text.data(), static_cast<std::size_t>(end - text.data()));
}

// A name from the wire must not break the file's lines.
std::string key_of(const std::string& name) {
    std::string out(plain_tool_name(name).substr(0, 60));
    for (char& c : out) {
        if (c <= ' ' || c > '~' || c == '=') c = '_';
    }
    return out + "ToTracker";
}

}  // namespace

PoseRecording::PoseRecording(const std::string& path) : path_(path), out_(path, std::ios::binary | std::ios::trunc) {
    out_ << "ObjectType = Image\nNDims = 3\nBinaryData = True\nBinaryDataByteOrderMSB = False\nCompressedData = False\n"
            "TransformMatrix = 1 0 0 0 1 0 0 0 1\nOffset = 0 0 0\nCenterOfRotation = 0 0 0\n"
            "AnatomicalOrientation = RAI\nElementSpacing = 1 1 1\nElementType = MET_UCHAR\n"
            "Kinds = domain domain list\nDimSize = 0 0 ";
    count_at_ = out_.tellp();
    out_ << std::string(kCountWidth, ' ') << "\n";
    out_.flush();
    if (!out_) throw Error("The recording '" + path_ + "' cannot be written. Choose another place.");
}

PoseRecording::~PoseRecording() {
    try {
        finish();
    } catch (const Error&) {
        // finish() is called by whoever can tell of it.
    }
}

void PoseRecording::add(SteadyTime received, double device_time_s, std::span<const NamedTool> tools) {
    if (first_ == SteadyTime{}) first_ = received;
    const double time_s = device_time_s != 0.0 ? device_time_s : seconds_between(first_, received);
    const bool repeated = std::any_of(tools.begin(), tools.end(), [this](const NamedTool& tool) {
        return std::any_of(tools_.begin(), tools_.end(), [&](const NamedTool& kept) { return kept.name == tool.name; });
    });
    if (time_s != device_time_s_ || repeated) {
        write_frame();
        device_time_s_ = time_s;
        received_ = received;
    }
    tools_.insert(tools_.end(), tools.begin(), tools.end());
}

void PoseRecording::write_frame() {
    if (tools_.empty()) return;
    std::string number = std::to_string(frames_++);
    if (number.size() < 4) number.insert(0, 4 - number.size(), '0');
    const std::string frame = "Seq_Frame" + number + "_";
    text_.clear();
    for (const NamedTool& tool : tools_) {
        const std::string key = frame + key_of(tool.name);
        const Eigen::Matrix4d m = tool.state == ToolState::visible ? Eigen::Matrix4d(tool.tracker_from_tool.matrix())
                                                                   : Eigen::Matrix4d(Eigen::Matrix4d::Identity());
        text_ += key + "Transform =";
        for (Eigen::Index i = 0; i < 16; ++i) {
            text_ += ' ';
            append(text_, m(i / 4, i % 4));
        }
        text_ += "\n" + key + "TransformStatus = " + status_word(tool.state) + "\n";
        if (std::isfinite(tool.error_mm) && tool.state == ToolState::visible) {
            text_ += key + "ErrorMm = ";
            append(text_, tool.error_mm);
            text_ += '\n';
        }
    }
    text_ += frame + "Timestamp = ";
    append(text_, device_time_s_);
    text_ += "\n" + frame + "Received = ";
    append(text_, seconds_between(first_, received_));
    text_ += "\n" + frame + "ImageStatus = INVALID\n";
    out_ << text_;
    tools_.clear();
}

void PoseRecording::finish() {
    if (finished_) return;
    finished_ = true;
    write_frame();
    out_ << "ElementDataFile = LOCAL\n";
    out_.seekp(count_at_);
    out_ << frames_;
    out_.close();
    if (!out_) throw Error("The recording '" + path_ + "' is not whole: the disk took no more. Make room there.");
}

}  // namespace precentral
