// SPDX-License-Identifier: Apache-2.0
// precentral case new: a patient under a random code.
#include <cstdio>
#include <memory>

#include "data/guard_rails.h"
#include "data/store.h"
#include "data/text_fields.h"
#include "ui/cli/commands.h"
#include "ui/cli/terminal.h"

namespace precentral::cli {
namespace {

struct NewArguments {
    std::string store = "precentral.db";
    std::string pain_side, pain_region, aetiology, worst_symptom, sex, target_side, override_by, override_reason;
    int birth_year = 0;
    bool simulated = false;
    bool json = false;
};

Side side_of(const std::string& word) { return word == "left" ? Side::left : Side::right; }

void make_case(const NewArguments& a) {
    Case patient;
    patient.pain_side = side_of(a.pain_side);
    patient.pain_region = a.pain_region;
    patient.aetiology = a.aetiology;
    patient.worst_symptom = a.worst_symptom;
    patient.sex = a.sex;
    patient.simulated = a.simulated;
    patient.created = utc_now();
    for (const auto& [what, text] :
         {std::pair("--pain-region", &a.pain_region), std::pair("--aetiology", &a.aetiology)}) {
        if (trimmed(*text).empty()) throw InputError(std::string(what) + " must not be empty.");
    }
    const auto today = std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(patient.created));
    if (a.birth_year != 0) {
        if (a.birth_year < 1900 || a.birth_year > static_cast<int>(today.year())) {
            throw InputError("The year of birth " + std::to_string(a.birth_year) + " is outside 1900 to " +
                             std::to_string(static_cast<int>(today.year())) + ".");
        }
        patient.birth_year = a.birth_year;
    }
    const Side target = a.target_side.empty() ? opposite(patient.pain_side) : side_of(a.target_side);
    const RailJudgement side = judge_side(patient.pain_side, target, RailOverride{a.override_by, a.override_reason});
    if (side.verdict == RailVerdict::stop) {
        throw InputError(
            side.reasons.front() +
            " To go on all the same, say who decides it and why: --override-by NAME --override-reason WHY.");
    }
    const auto store = open_store(a.store);
    // A code is one of 10^12; that it is taken is possible all the same.
    for (int i = 0;; ++i) {
        patient.code = random_case_code();
        try {
            store->add_case(patient);
            break;
        } catch (const InputError&) {
            if (i == 3) throw;
        }
    }
    if (a.json) {
        const nlohmann::json out{{"code", patient.code},
                                 {"store", a.store},
                                 {"pain_side", to_word(patient.pain_side)},
                                 {"target_side", to_word(target)},
                                 {"warnings", side.reasons}};
        std::printf("%s\n", out.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
        return;
    }
    std::printf("%s\n", patient.code.c_str());
    std::fprintf(stderr,
                 "In %s; the target will be on the %s. Other commands find it with --store or PRECENTRAL_STORE.\n",
                 a.store.c_str(), to_word(target));
    for (const std::string& reason : side.reasons) std::fprintf(stderr, "Warning: %s\n", reason.c_str());
}

}  // namespace

void add_case_new(CLI::App& group) {
    auto a = std::make_shared<NewArguments>();
    CLI::App* command = group.add_subcommand(
        "new", "Begin a case under a random code; the store is made when there is none. No name, no date of birth");
    command->add_option("--pain-side", a->pain_side, "left or right")
        ->required()
        ->check(CLI::IsMember({"left", "right"}));
    command->add_option("--pain-region", a->pain_region, "Where it hurts most: hand, face, leg, …")->required();
    command->add_option("--aetiology", a->aetiology, "\"central pain after ischaemic stroke\", \"plexus avulsion\", …")
        ->required();
    command->add_option("--worst-symptom", a->worst_symptom, "The most disabling symptom, in the patient's words");
    command->add_option("--birth-year", a->birth_year, "1900 to now; the year alone");
    command->add_option("--sex", a->sex, "woman or man; left out when not recorded")
        ->check(CLI::IsMember({"woman", "man"}));
    command->add_option("--target-side", a->target_side, "left or right; opposite to the pain when not given")
        ->check(CLI::IsMember({"left", "right"}));
    command->add_option("--override-by", a->override_by, "Who decides on a target on the side of the pain");
    command->add_option("--override-reason", a->override_reason, "Why");
    command->add_option("--store", a->store, "File or postgresql://user@host:port/database")
        ->envname("PRECENTRAL_STORE")
        ->capture_default_str();
    command->add_flag("--simulated", a->simulated, "Nobody: for a simulated room; shown as such everywhere");
    command->add_flag("--json", a->json);
    command->footer(
        "Example: precentral case new --store clinic.db --pain-side right --pain-region hand \\\n"
        "             --aetiology \"central pain after ischaemic stroke\" --birth-year 1961 --sex woman");
    command->callback([a] { make_case(*a); });
}

}  // namespace precentral::cli
