// SPDX-License-Identifier: Apache-2.0
#include "navigation/theatre/room_wire.h"

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "data/error.h"

namespace precentral {
namespace {

using nlohmann::json;
using Act = Instruction::Act;

constexpr std::array<std::pair<Act, const char*>, 7> kActs = {{{Act::none, "none"},
                                                               {Act::touch_landmark, "touch"},
                                                               {Act::touch_coil, "touch coil"},
                                                               {Act::pivot, "pivot"},
                                                               {Act::sweep, "sweep"},
                                                               {Act::move_coil, "move coil"},
                                                               {Act::coil_away, "coil away"}}};

json to_json(const Eigen::Matrix4d& m) {
    json out = json::array();
    for (int row = 0; row < 4; ++row) {
        for (int column = 0; column < 4; ++column) out.push_back(m(row, column));
    }
    return out;
}

Eigen::Matrix4d matrix_of(const json& values) {
    Eigen::Matrix4d m;
    for (int i = 0; i < 16; ++i) m(i / 4, i % 4) = values.at(static_cast<std::size_t>(i)).get<double>();
    return m;
}

json to_json(const Eigen::Vector3d& v) { return json::array({v.x(), v.y(), v.z()}); }

// Reads `text` with `read`; anything unexpected becomes one sentence.
template <class Read>
auto parsed(const std::string& text, Read read) {
    try {
        return read(json::parse(text));
    } catch (const json::exception&) {
        throw InputError("The simulated room and the program do not understand each other: \"" + text.substr(0, 120) +
                         "\".");
    }
}

}  // namespace

std::string to_wire(double frame_time_s, const Instruction& instruction) {
    json act;
    for (const auto& [value, word] : kActs) {
        if (value == instruction.act) act["act"] = word;
    }
    if (!instruction.what.empty()) act["what"] = instruction.what;
    if (instruction.act == Act::move_coil) act["goal"] = to_json(instruction.coil_from_goal.matrix());
    if (instruction.press != 0) {
        act["press"] = instruction.press;
        act["mso"] = instruction.intensity_mso;
        act["pulses"] = instruction.pulses;
        act["hz"] = instruction.frequency_hz;
    }
    if (instruction.stop) act["stop"] = true;
    return json{{"t", frame_time_s}, {"do", act}}.dump();
}

SeenFrame seen_from_wire(const std::string& text) {
    return parsed(text, [](const json& line) {
        SeenFrame seen;
        seen.frame_time_s = line.at("t").get<double>();
        const json& act = line.at("do");
        const std::string word = act.at("act").get<std::string>();
        for (const auto& [value, name] : kActs) {
            if (word == name) seen.instruction.act = value;
        }
        seen.instruction.what = act.value("what", "");
        if (act.contains("goal")) {
            seen.instruction.coil_from_goal = Transform<Coil, Coil>::checked(matrix_of(act["goal"]), "the screen");
        }
        seen.instruction.press = act.value("press", 0);
        seen.instruction.intensity_mso = act.value("mso", 0.0);
        seen.instruction.pulses = act.value("pulses", 1);
        seen.instruction.frequency_hz = act.value("hz", 0.0);
        seen.instruction.stop = act.value("stop", false);
        return seen;
    });
}

std::uint64_t read_counter(const std::string& text) {
    return parsed(text, [](const json& line) { return line.get<std::uint64_t>(); });
}

std::string to_wire(const HiddenTruth& truth) {
    return json{{"head_from_scan", to_json(truth.head_from_scan.matrix())},
                {"hotspot", to_json(truth.hotspot.xyz)},
                {"preferred_yaw_deg", truth.preferred_yaw_deg},
                {"threshold_mso", truth.threshold_mso},
                {"delivered", truth.delivered},
                {"delivered_in_trains", truth.delivered_in_trains},
                {"relief_percent", truth.relief_percent},
                {"relief_days", truth.relief_days},
                {"pain_before", truth.pain_before},
                {"pain_after", truth.pain_after}}
        .dump();
}

HiddenTruth truth_from_wire(const std::string& text) {
    return parsed(text, [](const json& line) {
        HiddenTruth truth;
        truth.head_from_scan =
            Transform<Head, Scan>::checked(matrix_of(line.at("head_from_scan")), "the simulated room");
        const json& spot = line.at("hotspot");
        truth.hotspot.xyz = {spot.at(0).get<double>(), spot.at(1).get<double>(), spot.at(2).get<double>()};
        truth.preferred_yaw_deg = line.at("preferred_yaw_deg").get<double>();
        truth.threshold_mso = line.at("threshold_mso").get<double>();
        truth.delivered = line.at("delivered").get<std::uint64_t>();
        truth.delivered_in_trains = line.at("delivered_in_trains").get<std::uint64_t>();
        truth.relief_percent = line.at("relief_percent").get<double>();
        truth.relief_days = line.at("relief_days").get<double>();
        truth.pain_before = line.at("pain_before").get<double>();
        truth.pain_after = line.at("pain_after").get<double>();
        return truth;
    });
}

}  // namespace precentral
