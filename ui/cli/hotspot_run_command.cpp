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
#include <sstream>

#include "data/text_fields.h"
#include "data/text_file.h"
#include "navigation/centre_of_gravity.h"
#include "navigation/hotspot_search.h"
#include "ui/cli/commands.h"
#include "ui/cli/terminal.h"

namespace precentral::cli {
namespace {

constexpr double kResponseUv = 50.0;

struct Options {
    std::string method = "expected-gain";
    std::string file;
    std::string side = "left";
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

// One pulse as given: by a full pose, or by a site with an angle.
struct GivenPulse {
    std::optional<Transform<Scan, Coil>> pose;
    Point<Scan> site;
    std::optional<double> yaw_deg;
    std::optional<double> intensity_mso;
    double mep_uv = 0.0;
    bool rejected = false;
};

std::string shown(const Point<Scan>& p) {
    std::array<char, 80> text{};
    std::snprintf(text.data(), text.size(), "(%.1f, %.1f, %.1f)", p.xyz.x(), p.xyz.y(), p.xyz.z());
    return text.data();
}

Eigen::Vector3d vector_of(const std::vector<double>& numbers) { return {numbers[0], numbers[1], numbers[2]}; }

// A row of RFC 4180: commas, quotes around fields that hold commas, two quotes for one.
std::vector<std::string> cells_of(const std::string& line) {
    std::vector<std::string> out(1);
    bool quoted = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (quoted) {
            if (c != '"') {
                out.back() += c;
            } else if (i + 1 < line.size() && line[i + 1] == '"') {
                out.back() += line[++i];
            } else {
                quoted = false;
            }
        } else if (c == '"') {
            quoted = true;
        } else if (c == ',') {
            out.emplace_back();
        } else {
            out.back() += c;
        }
    }
    for (std::string& cell : out) cell = std::string(trimmed(cell));
    return out;
}

class PulseTable {
public:
    explicit PulseTable(const std::string& file) : file_(file), in_(read_text_file(file, std::size_t{64} << 20)) {
        std::string line;
        while (next_line(line)) {
            names_ = cells_of(line);
            break;
        }
        has_site_ = column("x") && column("y") && column("z");
        has_pose_ = column("coil_m00") && column("coil_m33");
        if (!column("mep_uv") || !(has_site_ || has_pose_)) {
            throw InputError("\"" + file +
                             "\" needs a first line that names x, y, z (or coil_m00 … coil_m33) and "
                             "mep_uv; intensity_mso, yaw_deg and rejected may follow.");
        }
    }

    std::vector<GivenPulse> read() {
        std::vector<GivenPulse> out;
        std::string line;
        while (next_line(line)) {
            cells_ = cells_of(line);
            if (cells_.size() < names_.size()) throw InputError(where() + ": fewer values than the first line names.");
            if (const auto purpose = column("purpose"); purpose && cells_[*purpose] == "treat") continue;
            if (cells_[*column("mep_uv")].empty()) continue;  // not measured
            GivenPulse pulse;
            pulse.mep_uv = *number("mep_uv");
            if (pulse.mep_uv < 0.0) throw InputError(where() + ": an amplitude cannot be negative.");
            pulse.intensity_mso = number("intensity_mso");
            pulse.yaw_deg = number("yaw_deg");
            const auto verdict = column("mep_verdict");
            pulse.rejected =
                number("rejected").value_or(0.0) != 0.0 || (verdict && cells_[*verdict].starts_with("rejected"));
            if (!read_place(pulse)) continue;  // no pose stands behind it
            out.push_back(pulse);
        }
        if (out.empty()) throw InputError("\"" + file_ + "\" holds no pulse with a place and an amplitude.");
        return out;
    }

private:
    bool next_line(std::string& line) {
        while (std::getline(in_, line)) {
            ++number_;
            if (!trimmed(line).empty() && line.front() != '#') return true;
        }
        return false;
    }
    std::string where() const { return "\"" + file_ + "\", line " + std::to_string(number_); }
    std::optional<std::size_t> column(const std::string& name) const {
        const auto it = std::find(names_.begin(), names_.end(), name);
        return it == names_.end() ? std::nullopt : std::optional(static_cast<std::size_t>(it - names_.begin()));
    }
    std::optional<double> number(const std::string& name) const {
        const auto at = column(name);
        if (!at || cells_[*at].empty()) return std::nullopt;
        const std::optional<double> value = number_in(cells_[*at]);
        if (!value) throw InputError(where() + ": \"" + cells_[*at] + "\" in column " + name + " is not a number.");
        return value;
    }
    bool read_place(GivenPulse& pulse) const {
        if (has_pose_) {
            Eigen::Matrix4d m;
            for (int row = 0; row < 4; ++row) {
                for (int column_number = 0; column_number < 4; ++column_number) {
                    const auto value = number("coil_m" + std::to_string(row) + std::to_string(column_number));
                    if (!value) return false;
                    m(row, column_number) = *value;
                }
            }
            pulse.pose = Transform<Scan, Coil>::checked(m, where());
            pulse.site = pulse.pose->origin();
            return true;
        }
        const char* axes[] = {"x", "y", "z"};
        for (int axis = 0; axis < 3; ++axis) {
            const auto value = number(axes[axis]);
            if (!value) return false;
            pulse.site.xyz[axis] = *value;
        }
        return true;
    }

    std::string file_;
    std::istringstream in_;
    std::vector<std::string> names_;
    std::vector<std::string> cells_;
    int number_ = 0;
    bool has_site_ = false;
    bool has_pose_ = false;
};

struct Proposal {
    Point<Scan> site;
    double yaw_deg = 0.0;
    double intensity_mso = 0.0;
    Transform<Scan, Coil> scan_from_coil;
};

// What all methods answer.
struct Standing {
    std::optional<Point<Scan>> site;
    double radius95_mm = 0.0;
    int pulses = 0;
    int responses = 0;
    bool enough = false;
    std::string verdict;
    std::optional<HotspotEstimate> more;  // of the posterior
};

// The pulses of one search, which can be taken back.
class Run {
public:
    Run(const Options& options, const HotspotPrior& prior)
        : prior_(prior),
          seed_(options.seed),
          gravity_(options.method == "centre-of-gravity"),
          policy_(options.method == "thompson-ring" ? HotspotPolicy::thompson_ring : HotspotPolicy::expected_gain) {
        if (!gravity_) search_.emplace(prior_, seed_, policy_);
    }

    Proposal next() const {
        CoilAim aim;
        if (search_) {
            aim = search_->next();
        } else {
            aim.uv_mm = grid_place(pulses_.size());
            aim.yaw_deg = prior_.yaw_deg;
            aim.intensity_mso = std::round(prior_.start_mso);
            aim.scan_from_coil = prior_.patch.coil_pose(aim.uv_mm, aim.yaw_deg, prior_.nominal_depth_mm);
        }
        return {prior_.patch.site(aim.uv_mm), aim.yaw_deg, aim.intensity_mso, aim.scan_from_coil};
    }

    void add(const GivenPulse& given) {
        MapPulse pulse;
        pulse.scan_from_coil =
            given.pose ? *given.pose
                       : prior_.patch.coil_pose(prior_.patch.uv_of(given.site), given.yaw_deg.value_or(prior_.yaw_deg),
                                                prior_.nominal_depth_mm);
        pulse.intensity_mso = given.intensity_mso.value_or(prior_.start_mso);
        pulse.mep_uv = given.mep_uv;
        pulse.responded = given.mep_uv >= kResponseUv;
        pulse.rejected = given.rejected;
        if (search_) search_->add(pulse);
        pulses_.push_back(pulse);
    }
    bool undo() {
        if (pulses_.empty()) return false;
        pulses_.pop_back();
        if (search_) {
            search_.emplace(prior_, seed_, policy_);
            for (const MapPulse& pulse : pulses_) search_->add(pulse);
        }
        return true;
    }
    std::size_t given() const { return pulses_.size(); }

    Standing standing() const {
        Standing out;
        if (search_) {
            const HotspotEstimate e = search_->estimate();
            out = {e.site, e.radius95_mm, e.pulses, e.responses, e.enough, e.verdict, e};
            return out;
        }
        std::vector<SitedResponse> sited;
        for (const MapPulse& pulse : pulses_) {
            if (pulse.rejected) continue;
            sited.push_back({prior_.patch.site(prior_.patch.uv_of(pulse.scan_from_coil.origin())), pulse.mep_uv});
        }
        const CentreOfGravity gravity = centre_of_gravity(sited);
        out.pulses = static_cast<int>(sited.size());
        out.responses = gravity.responses;
        out.radius95_mm = gravity.radius95_mm;
        if (gravity.responses > 0) out.site = gravity.site;
        constexpr int kGrid = 25;
        constexpr int kFewestResponses = 5;
        out.enough = out.pulses >= kGrid && gravity.responses >= kFewestResponses;
        out.verdict = std::to_string(out.pulses) + " pulses of a grid of " + std::to_string(kGrid) + ", " +
                      std::to_string(gravity.responses) + " with a response.";
        return out;
    }

private:
    // Five by five, 10 mm apart, from the middle outward; then again.
    static Eigen::Vector2d grid_place(std::size_t number) {
        static const std::vector<Eigen::Vector2d> grid = [] {
            std::vector<Eigen::Vector2d> out;
            for (int u = -2; u <= 2; ++u) {
                for (int v = -2; v <= 2; ++v) out.emplace_back(10.0 * u, 10.0 * v);
            }
            std::stable_sort(out.begin(), out.end(),
                             [](const auto& a, const auto& b) { return a.norm() < b.norm() - 1e-9; });
            return out;
        }();
        return grid[number % grid.size()];
    }

    HotspotPrior prior_;
    std::uint64_t seed_;
    bool gravity_;
    HotspotPolicy policy_;
    std::optional<HotspotSearch> search_;
    std::vector<MapPulse> pulses_;
};

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

nlohmann::json as_json(const Proposal& p) {
    return {{"site", to_json(p.site.xyz)},
            {"yaw_deg", p.yaw_deg},
            {"intensity_mso", p.intensity_mso},
            {"scan_from_coil", to_json(p.scan_from_coil.matrix())}};
}

nlohmann::json as_json(const Standing& s, const Options& o, const std::vector<std::string>& warnings) {
    nlohmann::json out{{"method", o.method},
                       {"pulses", s.pulses},
                       {"responses", s.responses},
                       {"site", s.site ? to_json(s.site->xyz) : nlohmann::json()},
                       {"radius95_mm", s.site ? nlohmann::json(s.radius95_mm) : nlohmann::json()},
                       {"stop", s.enough},
                       {"verdict", s.verdict},
                       {"warnings", warnings}};
    if (s.more) {
        out["yaw_deg"] = s.more->yaw_deg;
        out["yaw_sd_deg"] = s.more->yaw_sd_deg;
        out["threshold_mso"] = s.more->threshold_mso;
        out["threshold_sd_mso"] = s.more->threshold_sd_mso;
        out["expected_loss"] = s.more->expected_loss;
    }
    if (!o.earlier.empty() && s.site) out["from_earlier_mm"] = (s.site->xyz - vector_of(o.earlier)).norm();
    return out;
}

void print(const Standing& s, const Options& o) {
    if (!s.site || s.responses == 0) {
        std::printf("hotspot: no response in %d pulses\n%s\n", s.pulses, s.verdict.c_str());
        return;
    }
    std::printf("hotspot: %s mm, 95 %% within %.1f mm; %d pulses, %d responses, %s\n", shown(*s.site).c_str(),
                s.radius95_mm, s.pulses, s.responses, o.method.c_str());
    if (s.more) {
        std::printf("best angle %.0f° ± %.0f°, threshold there %.0f ± %.0f %% of output\n", s.more->yaw_deg,
                    s.more->yaw_sd_deg, s.more->threshold_mso, s.more->threshold_sd_mso);
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
    Dialogue(const Options& options, Run run, std::vector<std::string> warnings)
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
        const Standing s = run_.standing();
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
            for (const std::string& cell : cells_of(text.substr(1, blank - 1))) {
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
        const Standing s = run_.standing();
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
    Run run_;
    std::vector<std::string> warnings_;
    Proposal proposed_;
};

void run_table(const Options& o) {
    const std::vector<GivenPulse> pulses = PulseTable(o.file).read();
    Eigen::Vector3d centre = Eigen::Vector3d::Zero();
    for (const GivenPulse& pulse : pulses) centre += pulse.site.xyz / static_cast<double>(pulses.size());
    std::vector<std::string> warnings;
    if (o.expected.empty()) warnings.emplace_back("Expected in the middle of all pulses, for want of --expected.");
    if (std::any_of(pulses.begin(), pulses.end(), [](const GivenPulse& p) { return !p.intensity_mso; })) {
        warnings.emplace_back("Pulses without intensity_mso are taken to be of the intensity of --start.");
    }
    Run run(o, prior_of(o, {o.expected.empty() ? centre : vector_of(o.expected)}));
    for (const GivenPulse& pulse : pulses) run.add(pulse);
    const Standing s = run.standing();
    const Proposal next = run.next();
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

void run_dialogue(const Options& o) {
    std::vector<std::string> warnings;
    Point<Scan> centre{Eigen::Vector3d(o.side == "left" ? -38.0 : 38.0, -16.0, 60.0)};
    if (o.expected.empty()) {
        warnings.push_back("No --expected is given: starting at " + shown(centre) +
                           " mm, a hand area in template space, not this patient's.");
    } else {
        centre.xyz = vector_of(o.expected);
    }
    Dialogue dialogue(o, Run(o, prior_of(o, centre)), std::move(warnings));
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
    run->add_option("--side", o->side, "Hemisphere")->check(CLI::IsMember({"left", "right"}))->capture_default_str();
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
