// SPDX-License-Identifier: Apache-2.0
// precentral hotspot run: proposes coil poses, takes amplitudes line by line or from a table, says site, interval and
// when to stop.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <memory>
#include <optional>

#include "data/text_fields.h"
#include "navigation/hotspot_run.h"
#include "ui/cli/commands.h"
#include "ui/cli/terminal.h"

namespace precentral::cli {
namespace {

struct Options {
    std::string method = "expected-gain";
    std::string file;
    std::string side;
    std::vector<double> expected;
    std::vector<double> outward;
    std::vector<double> earlier;
    double spread_mm = 8.5;
    double yaw_deg = 45.0;
    double yaw_sd_deg = 20.0;
    double depth_mm = 15.0;
    double threshold_mso = 60.0;
    double threshold_sd_mso = 15.0;
    double start_mso = 60.0;
    double highest_mso = 100.0;
    std::uint64_t seed = 1;
    bool json = false;
};

std::string shown(const Point<Scan>& p) {
    std::array<char, 80> text{};
    std::snprintf(text.data(), text.size(), "(%.1f, %.1f, %.1f)", p.xyz.x(), p.xyz.y(), p.xyz.z());
    return text.data();
}

Eigen::Vector3d vector_of(const std::vector<double>& numbers) { return {numbers[0], numbers[1], numbers[2]}; }

HotspotPrior prior_of(const Options& o, const Point<Scan>& centre) {
    HotspotPrior prior;
    const double outside = o.side == "left" ? -1.0 : 1.0;
    prior.patch.centre = centre;
    // Of the hand area on an average head.
    const Eigen::Vector3d outward =
        o.outward.empty() ? Eigen::Vector3d(0.55 * outside, -0.1, 0.83) : vector_of(o.outward);
    if (!(outward.norm() > 1e-6)) throw InputError("The direction of --outward has no length.");
    prior.patch.outward = Direction<Scan>{outward}.normalized();
    const Direction<Scan> front{Eigen::Vector3d::UnitY()};
    const Direction<Scan> along = front - front.dot(prior.patch.outward) * prior.patch.outward;
    if (along.norm() < 0.1)
        throw InputError("The direction of --outward points along the nose: it must leave the scalp.");
    prior.patch.anterior = along.normalized();
    prior.patch.lateral = prior.patch.outward.cross(prior.patch.anterior);
    if (prior.patch.lateral.xyz.x() * outside < 0.0) prior.patch.lateral = -prior.patch.lateral;
    prior.site_sd_mm = o.spread_mm;
    prior.yaw_deg = o.yaw_deg;
    prior.yaw_sd_deg = o.yaw_sd_deg;
    prior.nominal_depth_mm = o.depth_mm;
    prior.threshold_mso = o.threshold_mso;
    prior.threshold_sd_mso = o.threshold_sd_mso;
    prior.start_mso = o.start_mso;
    prior.highest_mso = o.highest_mso;
    return prior;
}

HotspotRun run_of(const Options& o, const Point<Scan>& centre) {
    const HotspotMethod method = o.method == "thompson-ring"       ? HotspotMethod::thompson_ring
                                 : o.method == "centre-of-gravity" ? HotspotMethod::centre_of_gravity
                                                                   : HotspotMethod::expected_gain;
    return {method, prior_of(o, centre), o.seed};
}

nlohmann::json as_json(const HotspotProposal& p) {
    return {{"site", to_json(p.site.xyz)},
            {"yaw_deg", p.yaw_deg},
            {"intensity_mso", p.intensity_mso},
            {"scan_from_coil", to_json(p.scan_from_coil.matrix())}};
}

nlohmann::json as_json(const HotspotStanding& s, const Options& o, const std::vector<std::string>& warnings) {
    nlohmann::json out{{"method", o.method},
                       {"pulses", s.pulses},
                       {"responses", s.responses},
                       {"site", s.site ? to_json(s.site->xyz) : nlohmann::json()},
                       {"radius95_mm", s.site ? nlohmann::json(s.radius95_mm) : nlohmann::json()},
                       {"stop", s.enough},
                       {"verdict", s.verdict},
                       {"warnings", warnings}};
    if (s.posterior) {
        out["yaw_deg"] = s.posterior->yaw_deg;
        out["yaw_sd_deg"] = s.posterior->yaw_sd_deg;
        out["threshold_mso"] = s.posterior->threshold_mso;
        out["threshold_sd_mso"] = s.posterior->threshold_sd_mso;
        out["expected_loss"] = s.posterior->expected_loss;
    }
    if (!o.earlier.empty() && s.site) out["from_earlier_mm"] = (s.site->xyz - vector_of(o.earlier)).norm();
    return out;
}

void print(const HotspotStanding& s, const Options& o) {
    if (!s.site || s.responses == 0) {
        std::printf("hotspot: no response in %d pulses\n%s\n", s.pulses, s.verdict.c_str());
        return;
    }
    std::printf("hotspot: %s mm, 95 %% within %.1f mm; %d pulses, %d responses, %s\n", shown(*s.site).c_str(),
                s.radius95_mm, s.pulses, s.responses, o.method.c_str());
    if (s.posterior) {
        std::printf("best angle %.0f° ± %.0f°, threshold there %.0f ± %.0f %% of output\n", s.posterior->yaw_deg,
                    s.posterior->yaw_sd_deg, s.posterior->threshold_mso, s.posterior->threshold_sd_mso);
    }
    std::printf("%s\n", s.verdict.c_str());
    if (!o.earlier.empty()) {
        std::printf(
            "%.1f mm from the earlier hotspot; one examiner's repeated hotspots lie 8.1 ± 3.3 mm apart "
            "(Sollmann et al. 2013, PMC3774221)\n",
            (s.site->xyz - vector_of(o.earlier)).norm());
    }
}

void say(const nlohmann::json& line) {
    std::printf("%s\n", line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
    std::fflush(stdout);
}

class Dialogue {
public:
    Dialogue(const Options& options, HotspotRun run, std::vector<std::string> warnings)
        : o_(options), run_(std::move(run)), warnings_(std::move(warnings)) {
        for (const std::string& warning : warnings_) std::fprintf(stderr, "%s\n", warning.c_str());
    }

    void propose() {
        proposed_ = run_.next();
        if (o_.json) {
            nlohmann::json out = as_json(proposed_);
            out["event"] = "propose";
            out["pulse"] = run_.given() + 1;
            say(out);
            return;
        }
        std::printf("pulse %zu: coil over %s, angle %.0f°, %.0f %%\n", run_.given() + 1, shown(proposed_.site).c_str(),
                    proposed_.yaw_deg, proposed_.intensity_mso);
        std::fflush(stdout);
    }

    // False when it is over.
    bool take(const std::string& line) {
        const std::string text = lower(trimmed(line));
        if (text.empty() || text.front() == '#') return true;
        if (text == "q" || text == "quit") return false;
        if (text == "s" || text == "skip") {
            tell("skipped");
        } else if (text == "?" || text == "state") {
            tell("state");
        } else if (text == "u" || text == "undo") {
            if (run_.undo()) {
                tell("undone");
            } else {
                refuse("There is no pulse to take back.");
            }
        } else if (const std::optional<GivenPulse> pulse = understand(text)) {
            try {
                run_.add(*pulse);
                tell("answer");
            } catch (const InputError& error) {
                refuse(error.what());
            }
        } else {
            refuse("\"" + line +
                   "\" was not understood: an amplitude such as 120 uV, n for none, skip, undo, state or "
                   "quit; \"@x,y,z,angle,intensity 120\" for another place than proposed.");
        }
        propose();
        return true;
    }

    void finish() const {
        if (run_.given() == 0) {
            throw InputError(
                "No pulse was answered, so there is no hotspot; \"precentral hotspot run --help\" shows how.");
        }
        const HotspotStanding s = run_.standing();
        if (o_.json) {
            nlohmann::json out = as_json(s, o_, warnings_);
            out["event"] = "result";
            say(out);
        } else {
            print(s, o_);
        }
    }

private:
    std::optional<GivenPulse> understand(std::string text) const {
        GivenPulse out;
        out.site = proposed_.site;
        out.yaw_deg = proposed_.yaw_deg;
        out.intensity_mso = proposed_.intensity_mso;
        if (text.front() == '@') {
            const auto blank = text.find(' ');
            if (blank == std::string::npos) return std::nullopt;
            std::vector<double> numbers;
            for (const std::string& cell : csv_cells(text.substr(1, blank - 1))) {
                const auto value = number_in(cell);
                if (!value) return std::nullopt;
                numbers.push_back(*value);
            }
            if (numbers.size() < 3 || numbers.size() > 5) return std::nullopt;
            out.site.xyz = vector_of(numbers);
            if (numbers.size() > 3) out.yaw_deg = numbers[3];
            if (numbers.size() > 4) out.intensity_mso = numbers[4];
            text = trimmed(std::string_view(text).substr(blank));
        }
        if (text == "n" || text == "no") return out;
        for (const char* unit : {"uv", "µv", "μv"}) {
            if (text.ends_with(unit)) text.resize(text.size() - std::string_view(unit).size());
        }
        const auto amplitude = number_in(text);
        if (!amplitude || *amplitude < 0.0) return std::nullopt;
        out.mep_uv = *amplitude;
        return out;
    }

    void tell(const char* event) const {
        const HotspotStanding s = run_.standing();
        if (o_.json) {
            nlohmann::json out = as_json(s, o_, warnings_);
            out["event"] = event;
            say(out);
            return;
        }
        if (s.site && s.responses > 0) {
            std::printf("  %s: %s mm, 95 %% within %.1f mm.  %s\n", event, shown(*s.site).c_str(), s.radius95_mm,
                        s.verdict.c_str());
        } else {
            std::printf("  %s: no response yet.\n", event);
        }
        if (s.enough) std::printf("  STOP: enough is known. (quit, or go on)\n");
        std::fflush(stdout);
    }

    void refuse(const std::string& why) const {
        if (o_.json) {
            say({{"event", "refused"}, {"why", why}});
        } else {
            std::fflush(stdout);
            std::fprintf(stderr, "%s\n", why.c_str());
        }
    }

    const Options& o_;
    HotspotRun run_;
    std::vector<std::string> warnings_;
    HotspotProposal proposed_;
};

// The hemisphere that was said, or that the place lies in; a contradiction is refused.
std::string side_at(const std::string& said, const Eigen::Vector3d& place, const char* what) {
    constexpr double kNearMidline_mm = 5.0;
    const std::string there = place.x() < 0.0 ? "left" : "right";
    if (said.empty()) return there;
    if (said != there && std::abs(place.x()) > kNearMidline_mm) {
        throw InputError("--side is " + said + ", but " + what + " " + shown(Point<Scan>{place}) + " on the " + there +
                         " (x is negative on the left). Correct one of them.");
    }
    return said;
}

void run_table(Options o) {
    const std::vector<GivenPulse> pulses = read_map_table(o.file);
    const double share = 1.0 / static_cast<double>(pulses.size());
    Eigen::Vector3d centre = Eigen::Vector3d::Zero();
    Eigen::Vector3d outward = Eigen::Vector3d::Zero();
    bool posed = true;
    for (const GivenPulse& pulse : pulses) {
        posed = posed && pulse.pose.has_value();
        // The cortex lies below a coil, not at its centre.
        centre += share * (pulse.pose ? (*pulse.pose * Point<Coil>{Eigen::Vector3d(0.0, 0.0, o.depth_mm)}).xyz
                                      : pulse.site.xyz);
        if (pulse.pose) outward -= share * pulse.pose->z_axis().xyz;
    }
    if (posed && o.outward.empty()) o.outward = {outward.x(), outward.y(), outward.z()};
    o.side = side_at(o.side, centre, "the pulses lie about");
    if (!o.expected.empty()) side_at(o.side, vector_of(o.expected), "--expected is");
    std::vector<std::string> warnings;
    if (o.expected.empty()) {
        std::array<char, 160> text{};
        std::snprintf(text.data(), text.size(),
                      "Expected in the middle of all pulses, %.0f mm below the coil (--depth), for want of --expected.",
                      o.depth_mm);
        warnings.emplace_back(posed ? text.data() : "Expected in the middle of all pulses, for want of --expected.");
    }
    if (std::any_of(pulses.begin(), pulses.end(), [](const GivenPulse& p) { return !p.intensity_mso; })) {
        warnings.emplace_back("Pulses without intensity_mso are taken to be of the intensity of --start.");
    }
    HotspotRun run = run_of(o, {o.expected.empty() ? centre : vector_of(o.expected)});
    for (const GivenPulse& pulse : pulses) run.add(pulse);
    const HotspotStanding s = run.standing();
    const HotspotProposal next = run.next();
    if (o.json) {
        nlohmann::json out = as_json(s, o, warnings);
        out["next"] = as_json(next);
        std::printf("%s\n", out.dump(2).c_str());
        return;
    }
    print(s, o);
    std::printf("next: coil over %s, angle %.0f°, %.0f %%%s\n", shown(next.site).c_str(), next.yaw_deg,
                next.intensity_mso, s.enough ? " (not needed: enough is known)" : "");
    for (const std::string& warning : warnings) std::printf("note: %s\n", warning.c_str());
}

void run_dialogue(Options o) {
    std::vector<std::string> warnings;
    if (!o.expected.empty()) {
        o.side = side_at(o.side, vector_of(o.expected), "--expected is");
    } else if (o.side.empty()) {
        o.side = "left";
    }
    Point<Scan> centre{Eigen::Vector3d(o.side == "left" ? -38.0 : 38.0, -16.0, 60.0)};
    if (o.expected.empty()) {
        warnings.push_back("No --expected is given: starting at " + shown(centre) +
                           " mm, a hand area in template space, not this patient's.");
    } else {
        centre.xyz = vector_of(o.expected);
    }
    Dialogue dialogue(o, run_of(o, centre), std::move(warnings));
    dialogue.propose();
    std::string line;
    while (std::getline(std::cin, line)) {
        if (!dialogue.take(line)) break;
    }
    dialogue.finish();
}

}  // namespace

void add_hotspot_run(CLI::App& app) {
    auto o = std::make_shared<Options>();
    CLI::App* run = app.get_subcommand("hotspot")->add_subcommand(
        "run", "Find a hotspot from a table of pulses, or pulse by pulse on standard input");
    run->add_option("--method", o->method, "How site and next pose are chosen")
        ->check(CLI::IsMember({"expected-gain", "thompson-ring", "centre-of-gravity"}))
        ->capture_default_str();
    run->add_option("--pulses", o->file,
                    "CSV with x,y,z (mm, below the coil's centre) or coil_m00 … coil_m33, mep_uv, and intensity_mso, "
                    "yaw_deg, rejected; also a session's exported pulses");
    run->add_option("--expected", o->expected, "Where the hotspot is expected on the cortex: x,y,z in RAS mm")
        ->delimiter(',')
        ->expected(3);
    run->add_option("--side", o->side, "Hemisphere (default: where --expected or the pulses lie; else left)")
        ->check(CLI::IsMember({"left", "right"}));
    run->add_option("--outward", o->outward,
                    "From there to the scalp: a direction x,y,z (default: an average hand area)")
        ->delimiter(',')
        ->expected(3);
    run->add_option("--spread", o->spread_mm, "How far the hotspot may be off (SD), mm")->capture_default_str();
    run->add_option("--yaw", o->yaw_deg, "Expected angle of the current: degrees from anterior toward the midline")
        ->capture_default_str();
    run->add_option("--yaw-sd", o->yaw_sd_deg, "How far that may be off (SD), degrees")->capture_default_str();
    run->add_option("--depth", o->depth_mm, "Of the cortex below the coil, mm")->capture_default_str();
    run->add_option("--threshold", o->threshold_mso, "Expected threshold there, % of stimulator output")
        ->capture_default_str();
    run->add_option("--threshold-sd", o->threshold_sd_mso, "How far that may be off (SD), % of output")
        ->capture_default_str();
    run->add_option("--start", o->start_mso, "First intensity, % of output")->capture_default_str();
    run->add_option("--highest", o->highest_mso, "Never proposed above this, % of output")->capture_default_str();
    run->add_option("--earlier", o->earlier, "The patient's earlier hotspot x,y,z, mm: the distance is told")
        ->delimiter(',')
        ->expected(3);
    run->add_option("--seed", o->seed, "Of the random draws")->capture_default_str();
    run->add_flag("--json", o->json, "JSON; pulse by pulse, one object a line with \"event\"");
    run->footer(
        "Answers, one a line: 120 uV, n (none), skip (the sweep says nothing), undo, state, quit;\n"
        "\"@x,y,z,angle,intensity 120\" for a pulse given elsewhere than proposed (angle and intensity may be left "
        "out).\n"
        "Examples: precentral hotspot run --pulses map.csv --json\n"
        "          precentral hotspot run --method expected-gain --expected=-38,-16,60 --start 65");
    run->callback([o] {
        if (o->file.empty()) {
            run_dialogue(*o);
        } else {
            run_table(*o);
        }
    });
}

}  // namespace precentral::cli
