// SPDX-License-Identifier: Apache-2.0
#include "navigation/tracker_script.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numbers>
#include <set>

#include "data/error.h"
#include "navigation/seeded_random.h"

namespace precentral {
namespace {

constexpr double kPi = std::numbers::pi;
constexpr double kJerk_s = 0.3;      // one way
constexpr double kJerkHold_s = 0.7;  // before it goes back
constexpr double kReaction_s = 0.25;
constexpr double kScripted_s = 7200.0;  // jerks are drawn for two hours, then come again
constexpr double kHeadRadius_mm = 90.0;
constexpr double kAway_mm = 250.0;
// The camera stands 1.6 m from the head, looking along its own -z.
const Eigen::Vector3d kHeadPlace_mm(40.0, -60.0, -1600.0);

Eigen::Vector3d draw3(SeededRandom& random) {
    const double x = draw_normal(random);
    const double y = draw_normal(random);
    const double z = draw_normal(random);
    return {x, y, z};
}

Eigen::Matrix3d rotation(const Eigen::Vector3d& turn_rad) {
    const double angle = turn_rad.norm();
    if (angle < 1e-12) return Eigen::Matrix3d::Identity();
    return Eigen::AngleAxisd(angle, turn_rad / angle).toRotationMatrix();
}

// From 0 to 1 with no jump of speed or acceleration (Flash and Hogan 1985, doi 10.1523/JNEUROSCI.05-07-01688.1985).
double smooth_step(double u) {
    u = std::clamp(u, 0.0, 1.0);
    return u * u * u * (10.0 + u * (-15.0 + 6.0 * u));
}

// Share of a jerk's way: sin² speed, so that the middle is the fastest.
double jerk_way(double u) {
    u = std::clamp(u, 0.0, 1.0);
    return u - std::sin(2.0 * kPi * u) / (2.0 * kPi);
}

[[noreturn]] void refuse_event(std::string_view text) {
    throw InputError("The event '" + std::string(text.substr(0, 60)) +
                     "' is not understood. Write it like hide:Coil@5+2 (from 5 s for 2 s), hide:Coil@5+2/20 (again "
                     "every 20 s) or silence@10+0.5; kinds are hide, outside, partly, freeze, identity and silence.");
}

double number_in(std::string_view text, std::string_view whole) {
    double value = 0.0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !(value >= 0.0 && value < 1e6)) refuse_event(whole);
    return value;
}

void require(bool so, const std::string& why) {
    if (!so) throw InputError(why);
}

}  // namespace

bool ScriptEvent::covers(double time_s) const {
    if (time_s < start_s) return false;
    return time_s - began_s(time_s) < length_s - 1e-9;  // 0.7 - 0.5 is less than 0.2
}

double ScriptEvent::began_s(double time_s) const {
    if (every_s <= 0.0) return start_s;
    return start_s + every_s * std::floor((time_s - start_s) / every_s);
}

ScriptEvent parse_script_event(std::string_view text) {
    const std::size_t at = text.find('@');
    if (at == std::string_view::npos) refuse_event(text);
    std::string_view what = text.substr(0, at);
    std::string_view when = text.substr(at + 1);
    ScriptEvent event;
    if (const std::size_t colon = what.find(':'); colon != std::string_view::npos) {
        event.tool = std::string(what.substr(colon + 1));
        what = what.substr(0, colon);
        if (event.tool.empty()) refuse_event(text);
    }
    constexpr std::pair<std::string_view, ScriptEvent::Kind> kKinds[] = {
        {"hide", ScriptEvent::Kind::hide},       {"outside", ScriptEvent::Kind::outside},
        {"partly", ScriptEvent::Kind::partly},   {"freeze", ScriptEvent::Kind::freeze},
        {"silence", ScriptEvent::Kind::silence}, {"identity", ScriptEvent::Kind::identity}};
    const auto* kind = std::find_if(std::begin(kKinds), std::end(kKinds), [&](auto& k) { return k.first == what; });
    if (kind == std::end(kKinds)) refuse_event(text);
    event.kind = kind->second;
    if (event.kind == ScriptEvent::Kind::silence && !event.tool.empty()) refuse_event(text);
    if (const std::size_t slash = when.find('/'); slash != std::string_view::npos) {
        event.every_s = number_in(when.substr(slash + 1), text);
        when = when.substr(0, slash);
    }
    const std::size_t plus = when.find('+');
    if (plus == std::string_view::npos) refuse_event(text);
    event.start_s = number_in(when.substr(0, plus), text);
    event.length_s = number_in(when.substr(plus + 1), text);
    return event;
}

ScriptOptions script_named(std::string_view name) {
    ScriptOptions script;
    if (name == "approach") return script;
    if (name == "still") {
        script.head_speed_mm_s = 0.0;
        script.jerks_per_minute = 0.0;
        script.tremor_mm = 0.0;
        script.approach_s = 0.0;
        script.hold_s = 1e5;
        return script;
    }
    if (name == "restless") {
        script.head_speed_mm_s = 1.7;
        script.jerk_speed_mm_s = 86.0;
        script.jerks_per_minute = 15.0;
        script.tremor_mm = 0.6;
        return script;
    }
    if (name == "occluded") {
        script.events = {parse_script_event("hide:Coil@3+1/7"), parse_script_event("hide:Head@5+0.5/11"),
                         parse_script_event("partly:Coil@6+0.5/13")};
        return script;
    }
    if (name == "unstable") {
        script.clock_drift_ppm = 100.0;
        script.events = {parse_script_event("freeze:Coil@3+1/10"), parse_script_event("outside:Coil@5+1/10"),
                         parse_script_event("identity:Head@7+0.5/10"), parse_script_event("silence@8+0.5/10")};
        return script;
    }
    throw InputError("There is no simulated tracker '" + std::string(name.substr(0, 40)) +
                     "'. There are sim:approach, sim:still, sim:restless, sim:occluded, sim:unstable and sim:patient.");
}

Eigen::Vector3d TrackerScript::Wave::at(double time_s) const {
    Eigen::Vector3d out;
    for (Eigen::Index i = 0; i < 3; ++i) out[i] = amplitude[i] * std::sin(rate * time_s + phase[i]);
    return out;
}

TrackerScript::TrackerScript(ScriptOptions options) : options_(std::move(options)) {
    require(options_.rate_hz >= 1.0 && options_.rate_hz <= 2000.0,
            "A tracker gives between 1 and 2000 frames a second; choose such a rate.");
    require(!options_.tools.empty() && options_.tools.size() <= 32, "A simulated tracker has between 1 and 32 tools.");
    require(std::set<std::string>(options_.tools.begin(), options_.tools.end()).size() == options_.tools.size(),
            "Two simulated tools have the same name.");
    for (const double value :
         {options_.noise_mm, options_.noise_deg, options_.head_speed_mm_s, options_.jerk_speed_mm_s,
          options_.jerks_per_minute, options_.tremor_mm, options_.approach_s, options_.hold_s}) {
        require(value >= 0.0 && value <= 1e6,
                "Noise, speeds, amplitudes and times of the simulated tracker are "
                "numbers from 0 on.");
    }
    require(std::abs(options_.clock_drift_ppm) <= 1e5, "A clock drifts by at most 100 000 parts in a million.");
    for (const ScriptEvent& event : options_.events) {
        const bool known = event.tool.empty() ||
                           std::find(options_.tools.begin(), options_.tools.end(), event.tool) != options_.tools.end();
        require(known, "An event names the tool '" + event.tool + "', which the simulated tracker does not have.");
    }

    SeededRandom random = random_stream(options_.seed, 0);
    const auto waves = [&random](std::initializer_list<double> frequencies_hz, double rms) {
        std::vector<Wave> out;
        for (const double f : frequencies_hz) {
            Wave wave;
            wave.rate = 2.0 * kPi * f * draw_uniform(random, 0.9, 1.1);
            wave.amplitude.setConstant(rms * std::sqrt(2.0 / static_cast<double>(frequencies_hz.size())));
            for (Eigen::Index i = 0; i < 3; ++i) wave.phase[i] = draw_uniform(random, 0.0, 2.0 * kPi);
            out.push_back(wave);
        }
        return out;
    };
    drift_mm_ = waves({0.02, 0.07, 0.22}, 1.0);
    drift_rad_ = waves({0.03, 0.11}, 0.004);
    tremor_mm_ = waves({1.3, 4.0, 9.0}, options_.tremor_mm);
    tremor_rad_ = waves({1.1, 5.0, 8.0}, options_.tremor_mm * 0.3 * kPi / 180.0);
    // The mean speed is what the option says.
    double way = 0.0;
    constexpr double kWatched_s = 600.0;
    constexpr double kStep_s = 0.05;
    Eigen::Vector3d before = Eigen::Vector3d::Zero();
    for (int i = 0; i * kStep_s <= kWatched_s; ++i) {
        Eigen::Vector3d here = Eigen::Vector3d::Zero();
        for (const Wave& wave : drift_mm_) here += wave.at(i * kStep_s);
        if (i > 0) way += (here - before).norm();
        before = here;
    }
    for (Wave& wave : drift_mm_) wave.amplitude *= options_.head_speed_mm_s / (way / kWatched_s);
    if (options_.head_speed_mm_s <= 0.0) drift_rad_.clear();
    if (options_.jerks_per_minute > 0.0) {
        constexpr double kRefractory_s = 2.0 * kJerk_s + kJerkHold_s;
        for (double t = 1.0; t < kScripted_s - kRefractory_s;) {
            t += kRefractory_s - 60.0 / options_.jerks_per_minute * std::log(draw_uniform(random));
            jerks_.push_back({t, draw3(random).normalized()});
        }
    }
}

Eigen::Isometry3d TrackerScript::head_at(double time_s) const {
    Eigen::Vector3d place = kHeadPlace_mm;
    Eigen::Vector3d turn(0.2, -0.4, 0.1);
    for (const Wave& wave : drift_mm_) place += wave.at(time_s);
    for (const Wave& wave : drift_rad_) turn += wave.at(time_s);
    const double within = std::fmod(std::max(time_s, 0.0), kScripted_s);
    auto next = std::upper_bound(jerks_.begin(), jerks_.end(), within,
                                 [](double t, const Jerk& jerk) { return t < jerk.start_s; });
    if (next != jerks_.begin()) {
        const Jerk& jerk = *std::prev(next);
        const double since = within - jerk.start_s;
        // Speed v sin²(πu) covers v T / 2.
        const double way = 0.5 * options_.jerk_speed_mm_s * kJerk_s *
                           (jerk_way(since / kJerk_s) - jerk_way((since - kJerk_s - kJerkHold_s) / kJerk_s));
        place += way * jerk.direction;
        turn += 0.001 * way * jerk.direction;
    }
    Eigen::Isometry3d out = Eigen::Isometry3d::Identity();
    out.linear() = rotation(turn);
    out.translation() = place;
    return out;
}

Transform<Head, CoilBody> TrackerScript::target() const {
    Eigen::Isometry3d pose = Eigen::Isometry3d::Identity();
    // Left motor cortex, say: beside and above; +z points into the head.
    const Eigen::Vector3d out_of_head = Eigen::Vector3d(-0.6, 0.1, 0.8).normalized();
    const Eigen::Vector3d y = Eigen::Vector3d(1.0, 1.0, 0.0).cross(out_of_head).normalized();
    pose.linear().col(2) = -out_of_head;
    pose.linear().col(1) = y;
    pose.linear().col(0) = y.cross(-out_of_head);
    pose.translation() = kHeadRadius_mm * out_of_head;
    return Transform<Head, CoilBody>(pose);
}

Eigen::Isometry3d TrackerScript::coil_on_head(double time_s) const {
    // Away, coming, held, going: one round.
    const double round_s = 2.0 * options_.approach_s + options_.hold_s;
    double share = options_.hold_s > 0.0 ? 1.0 : 0.0;
    if (round_s > 0.0 && options_.approach_s > 0.0) {
        const double within = std::fmod(time_s, round_s);
        share = within < options_.approach_s
                    ? smooth_step(within / options_.approach_s)
                    : 1.0 - smooth_step((within - options_.approach_s - options_.hold_s) / options_.approach_s);
        if (options_.hold_s <= 0.0) share *= 0.5;
    }
    Eigen::Isometry3d out = target().isometry();
    const double away = 1.0 - share;
    out.translation() -= kAway_mm * away * out.linear().col(2);
    out.translation() += 0.3 * kAway_mm * away * out.linear().col(0);
    out.linear() = out.linear() * rotation(away * Eigen::Vector3d(0.5, -0.3, 0.8));
    Eigen::Vector3d shake = Eigen::Vector3d::Zero();
    Eigen::Vector3d turn = Eigen::Vector3d::Zero();
    for (const Wave& wave : tremor_mm_) shake += wave.at(time_s);
    for (const Wave& wave : tremor_rad_) turn += wave.at(time_s);
    out.translation() += shake;
    out.linear() = out.linear() * rotation(turn);
    return out;
}

Eigen::Isometry3d TrackerScript::stylus_on_head(double time_s) const {
    const double a = 0.4 * time_s;
    const double b = 0.5 + 0.4 * std::sin(0.13 * time_s);
    const Eigen::Vector3d n(std::cos(a) * std::cos(b), std::sin(a) * std::cos(b), std::sin(b));
    Eigen::Isometry3d out = Eigen::Isometry3d::Identity();
    out.linear() = Eigen::Quaterniond::FromTwoVectors(Eigen::Vector3d::UnitZ(), n).toRotationMatrix();
    out.translation() = (kHeadRadius_mm + 120.0) * n;  // the markers, not the tip
    for (const Wave& wave : tremor_mm_) out.translation() += wave.at(time_s + 17.0);
    return out;
}

Eigen::Isometry3d TrackerScript::true_pose(std::size_t tool, double time_s) const {
    if (tool == 0) return head_at(time_s);
    const Eigen::Isometry3d head_as_the_hand_knows_it = head_at(time_s - kReaction_s);
    if (tool == 1) return head_as_the_hand_knows_it * stylus_on_head(time_s);
    if (tool == 2) return head_as_the_hand_knows_it * coil_on_head(time_s);
    Eigen::Isometry3d rest = Eigen::Isometry3d::Identity();
    rest.linear() = rotation(Eigen::Vector3d(0.3, 0.2, 0.1) * static_cast<double>(tool));
    rest.translation() = kHeadPlace_mm + Eigen::Vector3d(150.0 + 60.0 * static_cast<double>(tool), 80.0, 100.0);
    return rest;
}

void TrackerScript::add_noise(NamedTool& tool, std::uint64_t number, std::size_t index) const {
    // A short generator of its own for each frame and tool, so that any frame may be asked for first.
    SeededRandom random((options_.seed * 0x9E3779B97F4A7C15ULL) ^ (number * 64U + index + 1U));
    tool.tracker_from_tool.translation() += options_.noise_mm * draw3(random);
    tool.tracker_from_tool.linear() =
        tool.tracker_from_tool.linear() * rotation(options_.noise_deg * kPi / 180.0 * draw3(random));
    tool.error_mm = options_.noise_mm * (0.6 + 0.4 * std::abs(draw_normal(random)));
}

ScriptFrame TrackerScript::frame(std::uint64_t number) const {
    ScriptFrame out;
    out.number = number;
    out.time_s = static_cast<double>(number) / options_.rate_hz;
    out.device_time_s = out.time_s * (1.0 + 1e-6 * options_.clock_drift_ppm);
    out.tools.resize(options_.tools.size());
    for (std::size_t i = 0; i < out.tools.size(); ++i) {
        NamedTool& tool = out.tools[i];
        tool.name = options_.tools[i];
        tool.state = ToolState::visible;
        std::uint64_t measured = number;
        bool identity = false;
        for (const ScriptEvent& event : options_.events) {
            if (!event.tool.empty() && event.tool != tool.name) continue;
            if (!event.covers(out.time_s)) continue;
            switch (event.kind) {
                case ScriptEvent::Kind::hide: tool.state = ToolState::hidden; break;
                case ScriptEvent::Kind::outside: tool.state = ToolState::out_of_volume; break;
                case ScriptEvent::Kind::partly: tool.partly_outside = true; break;
                case ScriptEvent::Kind::freeze:
                    measured = static_cast<std::uint64_t>(
                        std::max(0.0, std::floor(event.began_s(out.time_s) * options_.rate_hz)));
                    break;
                case ScriptEvent::Kind::identity: identity = true; break;
                case ScriptEvent::Kind::silence: out.silent = true; break;
            }
        }
        if (identity || tool.state != ToolState::visible) continue;  // identity: as it is made
        tool.tracker_from_tool = true_pose(i, static_cast<double>(measured) / options_.rate_hz);
        add_noise(tool, measured, i);
    }
    return out;
}

}  // namespace precentral
