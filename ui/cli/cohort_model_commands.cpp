// SPDX-License-Identifier: Apache-2.0
// precentral cohort logistic | cox | mixed | transition: regressions of an outcome, and how relief moves.
#include <cmath>
#include <cstdio>
#include <map>
#include <memory>

#include "data/cohort/mixed_model.h"
#include "data/cohort/survival.h"
#include "data/cohort/transition.h"
#include "data/error.h"
#include "ui/cli/cohort_output.h"

namespace precentral::cli {
namespace {

using nlohmann::json;
using namespace precentral::cohort;

struct Arguments {
    TableSource source;
    std::string outcome, time, event, patient = "patient", method = "maximum-likelihood";
    std::vector<std::string> predictors;
    int first = 4, second = 8;
    double cut = 10.0, level = 0.95;
    bool json = false;
};

Estimate exponential(const Estimate& e) { return {std::exp(e.value), std::exp(e.low), std::exp(e.high), e.level}; }

void print_logistic(const Arguments& a) {
    if (a.method != "maximum-likelihood" && a.method != "firth") {
        throw InputError("There is no method \"" + a.method + "\"; there are maximum-likelihood and firth.");
    }
    const TableFile table = a.source.read();
    const LogisticFit fit =
        fit_logistic(predictors_of(table, a.predictors), table.outcomes(a.outcome),
                     a.method == "firth" ? LogisticMethod::firth : LogisticMethod::maximum_likelihood, a.level);
    if (a.json) {
        json out{{"with_outcome", fit.with}, {"log_likelihood", fit.log_likelihood}, {"level", a.level}};
        add_basis(out, fit.basis);
        out["coefficients"] = json::array();
        for (const LogisticCoefficient& c : fit.coefficients) {
            const Estimate ratio = exponential(c.log_odds), wald = exponential(c.wald);
            out["coefficients"].push_back({{"name", c.name},
                                           {"log_odds", c.log_odds.value},
                                           {"standard_error", number(c.standard_error)},
                                           {"odds_ratio", number(ratio.value)},
                                           {"low", number(ratio.low)},
                                           {"high", number(ratio.high)},
                                           {"p", number(c.p)},
                                           {"wald_low", number(wald.low)},
                                           {"wald_high", number(wald.high)},
                                           {"wald_p", number(c.wald_p)}});
        }
        std::printf("%s\n", out.dump(2).c_str());
        return;
    }
    std::printf("%-32s %-28s %-10s (profile limits, likelihood-ratio p)\n", "", "odds ratio", "p");
    for (const LogisticCoefficient& c : fit.coefficients) {
        std::printf("%-32s %-28s %s\n", c.name.c_str(), interval(exponential(c.log_odds)).c_str(),
                    in_words(c.p).c_str());
    }
    std::printf("%d with the outcome, %d without\n", fit.with, fit.basis.n - fit.with);
    print_basis(fit.basis);
}

void print_cox(const Arguments& a) {
    const TableFile table = a.source.read();
    const CoxFit fit = cox(table.numbers(a.time), table.outcomes(a.event), predictors_of(table, a.predictors), a.level);
    if (a.json) {
        json out{{"events", fit.events},
                 {"null_log_likelihood", fit.null_log_likelihood},
                 {"log_likelihood", fit.log_likelihood},
                 {"score_test", fit.score_test},
                 {"level", a.level}};
        add_basis(out, fit.basis);
        out["predictors"] = json::array();
        for (const HazardRatio& h : fit.predictors) {
            const Estimate ratio = exponential(h.log_hazard);
            out["predictors"].push_back({{"name", h.name},
                                         {"log_hazard", h.log_hazard.value},
                                         {"standard_error", h.standard_error},
                                         {"hazard_ratio", number(ratio.value)},
                                         {"low", number(ratio.low)},
                                         {"high", number(ratio.high)},
                                         {"p", number(h.p)}});
        }
        std::printf("%s\n", out.dump(2).c_str());
        return;
    }
    std::printf("%-32s %-28s %s\n", "", "hazard ratio", "p (Wald)");
    for (const HazardRatio& h : fit.predictors) {
        std::printf("%-32s %-28s %s\n", h.name.c_str(), interval(exponential(h.log_hazard)).c_str(),
                    in_words(h.p).c_str());
    }
    std::printf("%d with the event\n", fit.events);
    print_basis(fit.basis);
}

void print_mixed(const Arguments& a) {
    const TableFile table = a.source.read();
    std::map<std::string, int> codes;
    std::vector<int> patient;
    for (const auto& cell : table.text(a.patient)) {
        if (!cell) throw InputError("A row of \"" + table.name() + "\" names no patient in \"" + a.patient + "\".");
        patient.push_back(codes.try_emplace(*cell, static_cast<int>(codes.size())).first->second);
    }
    const MixedFit fit = fit_mixed(table.numbers(a.outcome), patient, predictors_of(table, a.predictors), a.level);
    if (a.json) {
        json out{{"patients", fit.patients},
                 {"patient_sd", fit.patient_sd},
                 {"residual_sd", fit.residual_sd},
                 {"intraclass_correlation", fit.intraclass},
                 {"log_likelihood", fit.log_likelihood},
                 {"level", a.level}};
        add_basis(out, fit.basis);
        out["effects"] = json::array();
        for (const FixedEffect& e : fit.effects) {
            out["effects"].push_back({{"name", e.name},
                                      {"effect", e.effect.value},
                                      {"low", number(e.effect.low)},
                                      {"high", number(e.effect.high)},
                                      {"standard_error", e.standard_error},
                                      {"degrees", number(e.degrees)},
                                      {"p", number(e.p)}});
        }
        std::printf("%s\n", out.dump(2).c_str());
        return;
    }
    std::printf("%-32s %-28s %-10s %s\n", "", "effect", "degrees", "p");
    for (const FixedEffect& e : fit.effects) {
        std::printf("%-32s %-28s %-10s %s\n", e.name.c_str(), interval(e.effect).c_str(), in_words(e.degrees).c_str(),
                    in_words(e.p).c_str());
    }
    std::printf("%d patients; standard deviation between them %s, within %s; intraclass correlation %s\n", fit.patients,
                in_words(fit.patient_sd).c_str(), in_words(fit.residual_sd).c_str(), in_words(fit.intraclass).c_str());
    print_basis(fit.basis);
}

void print_transition(const Arguments& a) {
    const TableFile table = a.source.read();
    const std::string first = "relief_" + std::to_string(a.first), second = "relief_" + std::to_string(a.second);
    const ReliefTransition t = relief_transition(table.numbers(first), table.numbers(second), a.cut);
    const char* names[] = {"below 10", "10 to 29", "30 to 49", "50 and up"};
    if (a.json) {
        json out{{"first", first},
                 {"second", second},
                 {"responder_percent", a.cut},
                 {"counts", t.counts},
                 {"classes", names},
                 {"stopped", t.stopped},
                 {"gained", t.responders.gained},
                 {"lost", t.responders.lost},
                 {"mcnemar_exact_p", t.responders.exact_p},
                 {"mcnemar_mid_p", t.responders.mid_p},
                 {"worst_case", to_json(t.worst.share)},
                 {"as_continued", t.as_continued}};
        add_basis(out, t.basis);
        std::printf("%s\n", out.dump(2).c_str());
        return;
    }
    std::printf("%-22s", ("relief in %, after " + std::to_string(a.second)).c_str());
    for (const char* name : names) std::printf("%12s", name);
    std::printf("\n");
    for (std::size_t i = 0; i < t.counts.size(); ++i) {
        std::printf("after %d: %-13s", a.first, names[i]);
        for (const int count : t.counts[i]) std::printf("%12d", count);
        std::printf("\n");
    }
    std::printf("at or above %g %%: %d gained it, %d lost it; McNemar exact p = %s, mid-p = %s\n", a.cut,
                t.responders.gained, t.responders.lost, in_words(t.responders.exact_p).c_str(),
                in_words(t.responders.mid_p).c_str());
    std::printf(
        "share at session %d: %s if everyone who stopped is counted without, %s if they would do as the others\n",
        a.second, interval(t.worst.share).c_str(), in_words(t.as_continued).c_str());
    print_basis(t.basis);
}

CLI::App* verb(CLI::App& cohort, Arguments& a, const char* name, const char* what) {
    CLI::App* command = cohort.add_subcommand(name, what);
    a.source.add_to(*command);
    command->add_flag("--json", a.json);
    return command;
}

void add_predictors(CLI::App& command, Arguments& a) {
    command.add_option("--predictors", a.predictors, "Columns of numbers or words, split at commas")
        ->delimiter(',')
        ->required();
    command.add_option("--level", a.level, "Of the intervals")->capture_default_str();
}

}  // namespace

void add_cohort_models(CLI::App& cohort) {
    auto l = std::make_shared<Arguments>();
    CLI::App* logistic = verb(cohort, *l, "logistic", "Odds ratios beside each other, by logistic regression");
    logistic->add_option("--outcome", l->outcome, "Yes/no column")->required();
    add_predictors(*logistic, *l);
    logistic->add_option("--method", l->method, "maximum-likelihood, or firth where groups are separated")
        ->capture_default_str();
    logistic->footer(
        "Example: precentral cohort logistic --csv cohort/patients.csv --outcome r10_4 --predictors pain,distance_mm");
    logistic->callback([l] { print_logistic(*l); });

    auto c = std::make_shared<Arguments>();
    CLI::App* cox = verb(cohort, *c, "cox", "Hazard ratios of a time to an event (Efron's ties)");
    cox->add_option("--time", c->time, "Column of the time to the event or to the end of observation")->required();
    cox->add_option("--event", c->event, "Column of 1/0, yes/no or true/false; no is censored")->required();
    add_predictors(*cox, *c);
    cox->footer(
        "Example: precentral cohort cox --csv cohort/patients.csv --time first_session --event first_event "
        "--predictors pain,distance_mm");
    cox->callback([c] { print_cox(*c); });

    auto m = std::make_shared<Arguments>();
    m->outcome = "relief";
    CLI::App* mixed = verb(cohort, *m, "mixed", "Relief over sessions, each patient with a level of their own (REML)");
    mixed->add_option("--outcome", m->outcome, "Column of numbers, one row a session")->capture_default_str();
    mixed->add_option("--patient", m->patient, "Column that names the patient")->capture_default_str();
    add_predictors(*mixed, *m);
    mixed->footer("Example: precentral cohort mixed --csv cohort/sessions.csv --predictors session,distance_mm");
    mixed->callback([m] { print_mixed(*m); });

    auto t = std::make_shared<Arguments>();
    CLI::App* transition = verb(cohort, *t, "transition", "How relief moves between two sessions, with bounds");
    transition->add_option("--first", t->first, "Session; the column is relief_N")->capture_default_str();
    transition->add_option("--second", t->second, "Session; the column is relief_N")->capture_default_str();
    transition->add_option("--cut", t->cut, "A responder has at least this relief, %")->capture_default_str();
    transition->footer("Example: precentral cohort transition --csv cohort/patients.csv --first 4 --second 8");
    transition->callback([t] { print_transition(*t); });
}

}  // namespace precentral::cli
