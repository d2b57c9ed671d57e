// SPDX-License-Identifier: Apache-2.0
// precentral case …, precentral review: what is in the record.
#include <cstdio>
#include <memory>

#include "data/case_folder.h"
#include "data/pulse_table.h"
#include "data/session_numbers.h"
#include "data/store.h"
#include "data/text_file.h"
#include "imaging/deface.h"
#include "imaging/surface_io.h"
#include "imaging/volume_io.h"
#include "ui/cli/commands.h"
#include "ui/cli/terminal.h"
#include "ui/report/report_session.h"
#include "ui/report/review.h"

namespace precentral::cli {
namespace {

struct CaseArguments {
    std::string store = "precentral-demo/precentral.db";
    std::string code;
    std::string out;
    std::string t1;
    bool json = false;
    bool no_mri = false;
};

void add_store_option(CLI::App* command, const std::shared_ptr<CaseArguments>& a) {
    command->add_option("--store", a->store, "File or postgresql://user@host:port/database")
        ->envname("PRECENTRAL_STORE")
        ->capture_default_str();
}

// Reading commands do not make a store by looking for one.
std::unique_ptr<Store> existing(const std::string& url) {
    if (url.rfind("postgres", 0) != 0 && !std::filesystem::exists(url)) {
        throw InputError("There is no record at \"" + url + "\". Give its place with --store.");
    }
    return open_store_to_read(url);
}

// The only case, when none is named.
std::string code_of(const Store& store, const std::string& wanted) {
    if (!wanted.empty()) return wanted;
    const auto cases = store.cases();
    if (cases.size() == 1) return cases.front().code;
    std::string codes;
    for (std::size_t i = 0; i < cases.size() && i < 8; ++i) codes += (i == 0 ? "" : ", ") + cases[i].code;
    if (cases.size() > 8) codes += ", …";
    throw InputError("The record holds " + std::to_string(cases.size()) + " cases; name the one you mean" +
                     (codes.empty() ? "." : ": " + codes + "."));
}

void list_cases(const CaseArguments& a) {
    const auto store = existing(a.store);
    nlohmann::json out = nlohmann::json::array();
    for (const Case& patient : store->cases()) {
        const auto visits = store->sessions(patient.code).size();
        out.push_back({{"code", patient.code},
                       {"pain", std::string(to_word(patient.pain_side)) + " " + patient.pain_region},
                       {"aetiology", patient.aetiology},
                       {"visits", visits},
                       {"simulated", patient.simulated}});
        if (!a.json) {
            std::printf("%s  %-14s  %-42s %zu visits%s\n", patient.code.c_str(),
                        (std::string(to_word(patient.pain_side)) + " " + patient.pain_region).c_str(),
                        patient.aetiology.c_str(), visits, patient.simulated ? "  (simulated)" : "");
        }
    }
    if (a.json) std::printf("%s\n", out.dump(2).c_str());
}

void show_case(const CaseArguments& a) {
    const auto store = existing(a.store);
    const std::string code = code_of(*store, a.code);
    const Case patient = store->case_of(code);
    nlohmann::json out{{"code", code}, {"aetiology", patient.aetiology}, {"visits", nlohmann::json::array()}};
    if (!a.json) {
        std::printf("%s%s: pain in the %s %s, %s\n", code.c_str(), patient.simulated ? " (simulated)" : "",
                    to_word(patient.pain_side), patient.pain_region.c_str(), patient.aetiology.c_str());
        std::printf("visit  started                   target     threshold  pulses         from plan, mm  relief\n");
    }
    for (const Session& session : store->sessions(code)) {
        const auto pulses = store->pulses(session.id);
        const SessionNumbers numbers = session_numbers(session.protocol, pulses);
        const auto thresholds = store->thresholds(session.id);
        const auto outcomes = store->outcomes(session.id);
        nlohmann::json row{{"visit", session.visit},
                           {"started", to_iso8601(session.started)},
                           {"side", to_word(session.target_side)},
                           {"pulses_planned", numbers.planned},
                           {"pulses_delivered", numbers.delivered},
                           {"pulses_with_pose", numbers.with_pose},
                           {"pulses_within", numbers.within}};
        if (!thresholds.empty()) row["rmt_mso"] = thresholds.back().rmt_mso;
        if (numbers.in_plane_mm)
            row["in_plane_mm"] = {{"median", numbers.in_plane_mm->median}, {"p95", numbers.in_plane_mm->p95}};
        const bool told = !outcomes.empty() && outcomes.back().relief_percent;
        if (told) row["relief_percent"] = *outcomes.back().relief_percent;
        out["visits"].push_back(row);
        if (a.json) continue;
        char text[3][32] = {"not found", "no pose", "not known"};
        if (!thresholds.empty()) std::snprintf(text[0], sizeof text[0], "%.1f %%", thresholds.back().rmt_mso);
        if (numbers.in_plane_mm) {
            std::snprintf(text[1], sizeof text[1], "%.1f (95 %% %.1f)", numbers.in_plane_mm->median,
                          numbers.in_plane_mm->p95);
        }
        if (told) std::snprintf(text[2], sizeof text[2], "%.0f %%", *outcomes.back().relief_percent);
        std::printf("%-5d  %s  %s (%s)   %-9s  %4d / %-4d    %-13s  %s\n", session.visit,
                    to_iso8601(session.started).c_str(), to_letter(session.target_side), to_word(session.target_side),
                    text[0], numbers.delivered, numbers.planned, text[1], text[2]);
    }
    if (a.json) std::printf("%s\n", out.dump(2).c_str());
}

// The MRI without its face, with the text that says what was taken off.
void export_defaced(const CaseArguments& a, const std::vector<ImageRecord>& images, const std::filesystem::path& out) {
    if (a.t1.empty() && images.empty()) {
        std::fputs("The case has no MRI; its pulses alone were exported.\n", stderr);
        return;
    }
    if (a.t1.empty() && !std::filesystem::exists(images.back().path)) {
        std::fputs(
            "The MRI of the case is not where it was read from, so it was not exported; give its place with --t1.\n",
            stderr);
        return;
    }
    const HeadModel head = prepare_head(a.t1.empty() ? images.back().path : a.t1, cache_dir(), terminal_progress());
    if (!images.empty() && head.content_sha256 != images.back().content_sha256) {
        throw InputError(a.t1.empty()
                             ? "The file at the place of the case's MRI is another one; give the right one with --t1."
                             : "\"" + a.t1 + "\" is not the MRI the case was navigated on.");
    }
    const KeptBox box = kept_box(landmark_named(head.fiducials, "nasion").point,
                                 landmark_named(head.fiducials, "left preauricular").point,
                                 landmark_named(head.fiducials, "right preauricular").point, head.brain);
    const auto file = [&](const char* name) {
        std::printf("%s\n", (out / name).string().c_str());
        return out / name;
    };
    write_nifti(defaced(head.t1, brain_voxels(head), box), file("T1_defaced.nii.gz"));
    write_surface(defaced(head.scalp, box), file("scalp_defaced.ply"));
    write_text_file(file("T1_defaced.txt").string(), box.words());
}

// Two patients' files in one folder would pass for one patient's.
void require_no_other_case(const std::filesystem::path& out, const std::string& code) {
    std::error_code unknown;
    if (!std::filesystem::exists(out / kCaseRecordFile, unknown)) return;
    constexpr std::size_t kLargestRecord = std::size_t{1} << 31U;
    if (read_text_file((out / kCaseRecordFile).string(), kLargestRecord).find('"' + code + '"') == std::string::npos) {
        throw InputError("The folder \"" + out.string() + "\" holds another case; export to a folder of its own.");
    }
}

void export_case(const CaseArguments& a) {
    const auto store = existing(a.store);
    const std::string code = code_of(*store, a.code);
    const std::filesystem::path out = a.out.empty() ? std::filesystem::path(code) : std::filesystem::path(a.out);
    require_no_other_case(out, code);
    std::error_code failed;
    std::filesystem::create_directories(out, failed);
    if (failed) throw InputError("The folder \"" + out.string() + "\" cannot be made: " + failed.message() + ".");
    for (const Session& session : store->sessions(code)) {
        const auto file = out / ("visit" + std::to_string(session.visit) + "_pulses.csv");
        write_pulse_table(file.string(), store->pulses(session.id));
        std::printf("%s\n", file.string().c_str());
    }
    const auto record = out / kCaseRecordFile;
    write_text_file(record.string(), case_record(*store, code));
    std::printf("%s\n", record.string().c_str());
    if (!a.no_mri) export_defaced(a, store->images(code), out);
}

void write_case_review(const CaseArguments& a) {
    const ReportSession drawing;
    const auto store = existing(a.store);
    const std::string code = code_of(*store, a.code);
    ReviewInput review = gather_review(*store, code);
    HeadModel head;
    const auto images = store->images(code);
    try {
        if (a.t1.empty() && images.empty()) throw InputError("the case has no image");
        head = prepare_head(a.t1.empty() ? images.back().path : a.t1, cache_dir(), terminal_progress());
        if (!images.empty() && head.content_sha256 != images.back().content_sha256) {
            throw InputError("the MRI at its place is not the one the case was navigated on");
        }
        review.head = &head;
    } catch (const InputError& missing) {
        review.head_missing = missing.what();
    }
    const std::string out = a.out.empty() ? "report.pdf" : a.out;
    for (const std::string& warning : write_review(review, out)) std::fprintf(stderr, "%s\n", warning.c_str());
    std::printf("%s\n", out.c_str());
}

}  // namespace

void add_case(CLI::App& app) {
    auto a = std::make_shared<CaseArguments>();
    CLI::App* group = app.add_subcommand("case", "What is in the record");
    group->require_subcommand(1);
    add_case_new(*group);
    add_case_import(*group);
    CLI::App* list = group->add_subcommand("list", "All cases, by their codes");
    add_store_option(list, a);
    list->add_flag("--json", a->json);
    list->callback([a] { list_cases(*a); });
    CLI::App* show = group->add_subcommand("show", "One case, a line a visit");
    show->add_option("CODE", a->code, "The case; may be left out when there is only one");
    add_store_option(show, a);
    show->add_flag("--json", a->json);
    show->callback([a] { show_case(*a); });
    CLI::App* out = group->add_subcommand(
        "export",
        "The whole case as one folder: its record, every pulse of every visit as CSV, and the MRI without its face");
    out->add_option("CODE", a->code, "The case; may be left out when there is only one");
    out->add_option("--out", a->out, "Folder; the case's code when not given");
    out->add_option("--t1", a->t1, "The MRI, when it is no longer where it was read from");
    out->add_flag("--no-mri", a->no_mri, "Leave the MRI out");
    add_store_option(out, a);
    out->footer(
        "Example: precentral case export PRC-7K2M9QXA --out folder; precentral case import folder --store other.db");
    out->callback([a] { export_case(*a); });

    CLI::App* review = app.add_subcommand("review", "The one-page review of a case");
    review->add_option("CASE", a->code, "The case; may be left out when there is only one");
    review->add_option("--out", a->out, "report.pdf or report.html")->default_val("report.pdf");
    review->add_option("--t1", a->t1, "The MRI, when it is no longer where it was read from");
    add_store_option(review, a);
    review->footer("Example: precentral review --store precentral-demo/precentral.db --out report.pdf");
    review->callback([a] { write_case_review(*a); });
}

}  // namespace precentral::cli
