// SPDX-License-Identifier: Apache-2.0
// precentral threshold run: proposes intensities, takes answers line by line from a person or a program, says when to
// stop. precentral threshold substitute: where none can be had.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <limits>
#include <memory>
#include <optional>

#include "data/guard_rails.h"
#include "data/text_fields.h"
#include "navigation/threshold_answers.h"
#include "navigation/threshold_substitute.h"
#include "ui/cli/commands.h"
#include "ui/cli/terminal.h"

namespace precentral::cli {
namespace {

constexpr double kResponseUv = 50.0;

struct Options {
    std::string method = "bayes";
    double start_mso = 0.0;
    double expected_mso = 0.0;
    double expected_sd_mso = 10.0;
    double highest_mso = 100.0;
    double lowest_mso = 1.0;
    int most_pulses = 60;
    std::vector<double> earlier_mso;
    bool json = false;
};

// One line of the dialogue.
struct Said {
    enum class Kind { nothing, answer, undo, skip, state, quit, wrong };
    Kind kind = Kind::nothing;
    std::optional<double> intensity_mso{};  // where it differs from the proposed one
    bool responded = false;
    std::optional<double> mep_uv{};
    std::string why{};  // wrong
};

Said wrong(const std::string& line) {
    return {.kind = Said::Kind::wrong,
            .why = "\"" + line +
                   "\" was not understood: y, n, an amplitude such as 120 uV, skip, undo, state or quit; " +
                   "\"@55 y\" for a pulse at 55 % instead."};
}

Said understand(const std::string& line) {
    std::string text = lower(trimmed(line));
    if (text.empty() || text.front() == '#') return {};
    Said out{.kind = Said::Kind::answer};
    if (text.front() == '@') {
        const auto blank = text.find(' ');
        if (blank == std::string::npos) return wrong(line);
        out.intensity_mso = number_in(std::string_view(text).substr(1, blank - 1));
        if (!out.intensity_mso) return wrong(line);
        text = trimmed(std::string_view(text).substr(blank));
    }
    if (text == "y" || text == "yes" || text == "n" || text == "no") {
        out.responded = text.front() == 'y';
        return out;
    }
    if (!out.intensity_mso) {
        if (text == "u" || text == "undo") return {.kind = Said::Kind::undo};
        if (text == "s" || text == "skip") return {.kind = Said::Kind::skip};
        if (text == "state" || text == "?") return {.kind = Said::Kind::state};
        if (text == "q" || text == "quit") return {.kind = Said::Kind::quit};
    }
    bool with_unit = false;
    for (const char* unit : {"uv", "µv", "μv"}) {
        const std::string_view end(unit);
        if (text.size() > end.size() && std::string_view(text).ends_with(end)) {
            text = trimmed(std::string_view(text).substr(0, text.size() - end.size()));
            with_unit = true;
            break;
        }
    }
    const std::optional<double> amplitude = number_in(text);
    if (!amplitude || *amplitude < 0.0) return wrong(line);
    if (!with_unit && *amplitude == 1.0) {
        return {.kind = Said::Kind::wrong, .why = "\"1\" may mean yes or 1 µV: write y, or 1 uV."};
    }
    out.mep_uv = amplitude;
    out.responded = *amplitude >= kResponseUv;
    return out;
}

class Dialogue {
public:
    Dialogue(const Options& options, ThresholdRun run) : options_(options), run_(std::move(run)) {}

    void propose() const {
        if (options_.json) {
            say({{"event", "propose"}, {"pulse", run_.answers().size() + 1}, {"intensity_mso", run_.next_mso()}});
        } else {
            std::printf("pulse %zu: set %.0f %%\n", run_.answers().size() + 1, run_.next_mso());
            std::fflush(stdout);
        }
    }

    // False when it is over.
    bool take(const std::string& line) {
        const Said said = understand(line);
        switch (said.kind) {
            case Said::Kind::nothing: return true;
            case Said::Kind::quit: return false;
            case Said::Kind::wrong: refuse(said.why); break;
            case Said::Kind::state: tell("state"); break;
            case Said::Kind::skip:
                ++skipped_;
                tell("skipped");
                break;
            case Said::Kind::undo:
                if (run_.undo()) {
                    tell("undone");
                } else {
                    refuse("There is no answer to take back.");
                }
                break;
            case Said::Kind::answer:
                try {
                    run_.answer(said.intensity_mso.value_or(run_.next_mso()), said.responded);
                    tell("answer");
                } catch (const InputError& error) {
                    refuse(error.what());
                }
                break;
        }
        propose();
        return true;
    }

    void finish() const {
        if (run_.answers().empty()) {
            throw InputError(
                "No pulse was answered, so there is no threshold; \"precentral threshold run --help\" "
                "shows how.");
        }
        const ThresholdEstimate e = run_.estimate();
        const std::vector<std::string> warnings = all_warnings(e);
        if (options_.json) {
            nlohmann::json out = as_json("result", e, warnings);
            out["method"] = options_.method;
            out["responses"] = std::count_if(run_.answers().begin(), run_.answers().end(),
                                             [](const ThresholdAnswer& a) { return a.responded; });
            out["skipped"] = skipped_;
            nlohmann::json answers = nlohmann::json::array();
            for (const ThresholdAnswer& a : run_.answers()) {
                answers.push_back({{"intensity_mso", a.intensity_mso}, {"responded", a.responded}});
            }
            out["answers"] = std::move(answers);
            say(out);
            return;
        }
        if (e.not_reached) {
            std::printf("threshold: not reached after %d pulses\n%s\n", e.pulses, e.verdict.c_str());
        } else {
            std::printf("threshold: %.1f %% of stimulator output (95 %%: %.1f to %.1f), %d pulses, %s\n%s\n", e.rmt_mso,
                        e.low95_mso, e.high95_mso, e.pulses, options_.method.c_str(), e.verdict.c_str());
            if (!e.enough) std::printf("Not finished: the method would go on.\n");
        }
        for (const std::string& warning : warnings) std::printf("warning: %s\n", warning.c_str());
        if (e.not_reached) std::printf("Where none can be had: precentral threshold substitute --help\n");
    }

private:
    static void say(const nlohmann::json& line) {
        std::printf("%s\n", line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
        std::fflush(stdout);
    }

    nlohmann::json as_json(const char* event, const ThresholdEstimate& e,
                           const std::vector<std::string>& warnings) const {
        const auto unless_missed = [&](double value) {
            return e.not_reached ? nlohmann::json() : nlohmann::json(value);
        };
        return {{"event", event},
                {"pulses", e.pulses},
                {"rmt_mso", unless_missed(e.rmt_mso)},
                {"sd_mso", unless_missed(e.sd_mso)},
                {"low95_mso", e.low95_mso},
                {"high95_mso", e.high95_mso},
                {"spread_mso", e.spread_mso},
                {"stop", e.enough},
                {"not_reached", e.not_reached},
                {"verdict", e.verdict},
                {"warnings", warnings},
                {"next_mso", run_.next_mso()}};
    }

    // The patient's earlier thresholds count once this one is about known.
    std::vector<std::string> all_warnings(const ThresholdEstimate& e) const {
        std::vector<std::string> out = run_.doubts();
        constexpr int kKnown = 10;
        if (e.pulses >= kKnown && !e.not_reached && !options_.earlier_mso.empty()) {
            const RailJudgement judged = judge_threshold(e.rmt_mso, options_.earlier_mso);
            out.insert(out.end(), judged.reasons.begin(), judged.reasons.end());
        }
        return out;
    }

    void tell(const char* event) {
        const ThresholdEstimate e = run_.estimate();
        std::vector<std::string> warnings = all_warnings(e);
        if (options_.json) {
            nlohmann::json out = as_json(event, e, warnings);
            if (std::string_view(event) == "answer") {
                out["intensity_mso"] = run_.answers().back().intensity_mso;
                out["responded"] = run_.answers().back().responded;
            }
            say(out);
            return;
        }
        if (std::string_view(event) == "answer") {
            const ThresholdAnswer& a = run_.answers().back();
            std::printf("  %.0f %%: %s.  ", a.intensity_mso, a.responded ? "response" : "none");
        } else {
            std::printf("  %s.  ", event);
        }
        std::printf("threshold %.1f %% (95 %%: %.1f to %.1f)  %s\n", e.rmt_mso, e.low95_mso, e.high95_mso,
                    e.verdict.c_str());
        if (e.enough) std::printf("  STOP: enough is known. (quit, or go on)\n");
        for (const std::string& warning : warnings) {
            // Each once: it stays true with every further pulse.
            if (std::find(told_.begin(), told_.end(), warning) != told_.end()) continue;
            std::printf("  warning: %s\n", warning.c_str());
            told_.push_back(warning);
        }
        std::fflush(stdout);
    }

    void refuse(const std::string& why) const {
        if (options_.json) {
            say({{"event", "refused"}, {"why", why}});
        } else {
            std::fflush(stdout);
            std::fprintf(stderr, "%s\n", why.c_str());
        }
    }

    const Options& options_;
    ThresholdRun run_;
    int skipped_ = 0;
    std::vector<std::string> told_;
};

ThresholdOptions procedure_options(const Options& o) {
    ThresholdOptions out;
    if (o.start_mso > 0.0) out.start_mso = o.start_mso;
    if (o.expected_mso <= 0.0 && !o.earlier_mso.empty()) {
        const double n = static_cast<double>(o.earlier_mso.size());
        double mean = 0.0;
        double square = 0.0;
        for (const double one : o.earlier_mso) mean += one / n;
        for (const double one : o.earlier_mso) square += (one - mean) * (one - mean) / n;
        out.prior = ThresholdPrior{mean, std::max(o.expected_sd_mso, std::sqrt(square))};
    }
    if (o.expected_mso > 0.0) out.prior = ThresholdPrior{o.expected_mso, o.expected_sd_mso};
    out.highest_mso = o.highest_mso;
    out.lowest_mso = o.lowest_mso;
    out.most_pulses = o.most_pulses;
    out.fewest_pulses = std::min(out.fewest_pulses, o.most_pulses);
    return out;
}

void add_substitute(CLI::App& threshold) {
    struct Given {
        std::string rule, who, why;
        double rmt_mso = 0.0;
        double from_mm = std::numeric_limits<double>::quiet_NaN();  // not given
        double to_mm = std::numeric_limits<double>::quiet_NaN();
        bool json = false;
    };
    auto given = std::make_shared<Given>();
    CLI::App* substitute =
        threshold.add_subcommand("substitute", "What to go by where no threshold can be had, by a named rule");
    substitute->add_option("--rule", given->rule, "The other side's, that for this depth, or a decision")
        ->check(CLI::IsMember({"contralateral", "distance", "fixed"}))
        ->required();
    substitute->add_option("--rmt", given->rmt_mso, "The other side's threshold, or the one decided, % of output")
        ->required();
    substitute->add_option("--from", given->from_mm, "distance: scalp to cortex where that threshold was found, mm");
    substitute->add_option("--to", given->to_mm, "distance: scalp to cortex here, mm");
    substitute->add_option("--by", given->who, "fixed: who decided");
    substitute->add_option("--why", given->why, "fixed: why");
    substitute->add_flag("--json", given->json, "Print JSON: rmt_mso, rule, reason, reachable, measured");
    substitute->footer("Example: precentral threshold substitute --rule distance --rmt 52 --from 14 --to 17");
    substitute->callback([given] {
        const ThresholdSubstitute out = given->rule == "contralateral" ? threshold_of_other_side(given->rmt_mso)
                                        : given->rule == "distance"
                                            ? threshold_by_distance(given->rmt_mso, given->from_mm, given->to_mm)
                                            : threshold_fixed(given->rmt_mso, given->who, given->why);
        if (given->json) {
            std::printf("%s\n", nlohmann::json{{"rmt_mso", out.rmt_mso},
                                               {"rule", out.rule},
                                               {"reason", out.reason},
                                               {"reachable", out.reachable},
                                               {"measured", false}}
                                    .dump(2)
                                    .c_str());
            return;
        }
        std::printf("%.1f %% of stimulator output (%s)\n%s\n", out.rmt_mso, out.rule.c_str(), out.reason.c_str());
        if (!out.reachable) std::printf("That is more than the stimulator has.\n");
    });
}

}  // namespace

void add_threshold_run(CLI::App& app) {
    add_substitute(*app.get_subcommand("threshold"));
    auto options = std::make_shared<Options>();
    CLI::App* run = app.get_subcommand("threshold")
                        ->add_subcommand("run", "Find a threshold pulse by pulse, answering on standard input");
    run->add_option("--method", options->method, "bayes, samt, ml-pest, 5of10, 5of10-by-2, 10of20 or mills-nithi")
        ->capture_default_str();
    run->add_option("--start", options->start_mso, "First intensity, % of stimulator output; 0 = the method's own")
        ->check(CLI::Range(0.0, 100.0));
    run->add_option("--expected", options->expected_mso, "What is expected, % of output; 0 = nothing")
        ->check(CLI::Range(0.0, 150.0));
    run->add_option("--expected-sd", options->expected_sd_mso, "How far that may be off (SD), % of output")
        ->capture_default_str();
    run->add_option("--highest", options->highest_mso, "Never proposed above this, % of output")->capture_default_str();
    run->add_option("--lowest", options->lowest_mso, "nor below this")->capture_default_str();
    run->add_option("--most", options->most_pulses, "Pulses after which it says stop in any case")
        ->capture_default_str()
        ->check(CLI::Range(1, 1000));
    run->add_option("--earlier", options->earlier_mso,
                    "The patient's own earlier thresholds, % of output (50,52,51): expected again, and compared with")
        ->delimiter(',');
    run->add_flag("--json", options->json, "Every line out is one JSON object with \"event\"");
    run->footer(
        "Answers, one a line: y, n, 120 uV (50 µV and more is a response), skip (the sweep says nothing), undo,\n"
        "state, quit; \"@55 y\" for a pulse given at 55 % instead of what was proposed.\n"
        "Example: printf 'y\\ny\\nn\\ny\\n' | precentral threshold run --method bayes --start 60 --json");
    run->callback([options] {
        Dialogue dialogue(*options, ThresholdRun(threshold_method_from(options->method), procedure_options(*options)));
        dialogue.propose();
        std::string line;
        while (std::getline(std::cin, line)) {
            if (!dialogue.take(line)) break;
        }
        dialogue.finish();
    });
}

}  // namespace precentral::cli
