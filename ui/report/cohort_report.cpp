// SPDX-License-Identifier: Apache-2.0
#include "ui/report/cohort_report.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <functional>

#include "data/cohort/deidentify.h"
#include "data/cohort/dictionary.h"
#include "data/cohort/resample.h"
#include "data/error.h"
#include "data/hash.h"
#include "data/text_file.h"
#include "data/time.h"
#include "ui/report/cohort_map_figure.h"
#include "ui/report/cohort_map_files.h"
#include "ui/report/cohort_plots.h"
#include "ui/report/report_session.h"

namespace precentral {
namespace {

using namespace cohort;

constexpr const char* kNotADevice =
    "Research and record-keeping software. Not a medical device; not cleared by FDA or CE-marked. Confirm side, target "
    "and intensity independently.";

// One part after another; a part the data do not carry leaves its reason.
class Parts {
public:
    Parts(const std::filesystem::path& folder, const Progress& progress) : folder_(folder), progress_(progress) {}

    void part(const std::string& name, double done, const std::function<std::string()>& make) {
        progress_.at(done, name);
        try {
            const std::string methods = make();
            if (!methods.empty()) text_ += name + ". " + methods + "\n\n";
        } catch (const InputError& e) {
            report.not_made.push_back(name + ": " + e.what());
        }
    }
    void figure(const CohortFigure& figure) {
        for (const std::string& file : save_figure(folder_ / "figures", figure))
            report.files.push_back("figures/" + file);
    }
    void file(const std::string& name, const std::string& text) {
        write_text_file((folder_ / name).string(), text);
        report.files.push_back(name);
    }
    const std::string& text() const { return text_; }

    CohortReport report;

private:
    std::filesystem::path folder_;
    const Progress& progress_;
    std::string text_;
};

std::string said(const Basis& basis) {
    std::string out = basis.method + "; n " + std::to_string(basis.n) + ", missing " + std::to_string(basis.missing);
    out[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(out[0])));
    for (const std::string& line : basis.exclusions) out += "; left out: " + line;
    if (!basis.reason.empty()) out += "; note: " + basis.reason;
    return out + ".";
}

void make_folder_in(const std::filesystem::path& folder, const char* name) {
    std::error_code failed;
    std::filesystem::create_directories(folder / name, failed);
    if (failed) throw Error("The folder " + (folder / name).string() + " cannot be made: " + failed.message() + ".");
}

std::string first_responses(Parts& parts, const TableFile& all) {
    const auto session = all.numbers("first_session"), event = all.outcomes("first_event");
    std::vector<NamedCurve> curves;
    const auto pain = all.has("pain") ? all.text("pain") : std::vector<std::optional<std::string>>(session.size());
    for (const char* group : {"central", "peripheral"}) {
        std::vector<double> own_session, own_event;
        for (std::size_t i = 0; i < session.size(); ++i) {
            if (pain[i] != std::string(group)) continue;
            own_session.push_back(session[i]);
            own_event.push_back(event[i]);
        }
        if (own_session.size() >= 10) curves.push_back({group, kaplan_meier(own_session, own_event)});
    }
    if (curves.empty()) curves.push_back({"all", kaplan_meier(session, event)});
    parts.figure(first_response_figure(curves));
    std::string out = "Session of the first relief of at least 10 %, all patients with a session: ";
    for (const NamedCurve& c : curves) out += c.name + ": " + said(c.curve.basis) + " ";
    return out + "Those who stopped are counted as not seen further; stopping depends on relief.";
}

std::string maps(Parts& parts, const std::filesystem::path& folder, const CohortReportInput& input,
                 const TableFile& table, const Progress& progress) {
    if (input.ground == nullptr) throw InputError(input.why_no_ground);
    MapPatients patients;
    const auto x = table.numbers("target_x"), y = table.numbers("target_y"), z = table.numbers("target_z");
    for (std::size_t i = 0; i < x.size(); ++i) patients.target_mni.emplace_back(x[i], y[i], z[i]);
    int mirrored = 0;
    for (const auto& target : patients.target_mni) mirrored += input.map.lay_on_left && target.x() > 0.0 ? 1 : 0;
    const LaidTargets on_ground = laid_on(*input.ground, patients.target_mni, input.map.lay_on_left);
    patients.target_mni = on_ground.mni;
    patients.relief = table.numbers("relief_4");
    patients.responder = table.outcomes(input.response);
    for (const std::string& column : input.covariates) patients.covariates.push_back({column, table.numbers(column)});
    Progress inner;
    inner.stop = progress.stop;
    if (progress.report) {
        inner.report = [&](double done, std::string_view doing) { progress.report(0.5 + 0.45 * done, doing); };
    }
    const TargetMap map = target_map(input.ground->places, patients, input.map, inner);
    make_folder_in(folder, "map");
    for (const std::string& file : write_map(folder / "map", *input.ground, layers_of(map))) {
        parts.report.files.push_back("map/" + file);
    }
    const std::string laid = std::to_string(mirrored) + " right targets laid on the left. ";
    if (!input.ground->surface.empty()) {
        MapPicture picture;
        picture.file = "map-coverage";
        picture.title = "Where can this cohort say something?";
        picture.subtitle = "patients within " + std::to_string(static_cast<int>(input.map.near_mm)) + " mm, n " +
                           std::to_string(map.coverage.basis.n);
        picture.footer = laid + "Grey: fewer than " + std::to_string(input.map.fewest) +
                         " patients near. No coverage is not no effect. Drawn on: " + input.ground->name + ".";
        picture.unit = "patients near";
        picture.both_signs = false;
        for (std::size_t i = 0; i < map.coverage.near.size(); ++i) {
            picture.values.push_back(map.coverage.near[i] >= input.map.fewest ? map.coverage.near[i] : std::nan(""));
        }
        parts.figure(map_figure(*input.ground, picture));
        picture.file = "map-power";
        picture.title = "What effect could be seen?";
        picture.subtitle = "power of one place to show " + csv_number(input.map.effect_percent) + " points of relief";
        picture.footer = said(map.coverage.basis) + " " + laid;
        picture.unit = "power, 0 to 1";
        picture.values = map.coverage.power;
        parts.figure(map_figure(*input.ground, picture));
        const auto smallest = [](const RelationMap& r) {
            char text[60];
            std::snprintf(text, sizeof text, "Smallest corrected p %.3g", r.smallest_p);
            return std::string(text);
        };
        picture.both_signs = true;
        picture.file = "map-difference";
        picture.title = "Targets of responders";
        picture.subtitle =
            "minus targets of the others, n " + std::to_string(map.responders) + " and " + std::to_string(map.others);
        picture.footer = said(map.by_response.basis) + " " + laid + smallest(map.by_response) + ".";
        picture.unit = "percentage points of the groups' mean Gaussian";
        picture.values = map.difference;
        picture.p = map.by_response.p;
        parts.figure(map_figure(*input.ground, picture));
        picture.file = "map-relief";
        picture.title = "Relief by place";
        picture.subtitle =
            "how surely relief goes with a target on the place, n " + std::to_string(map.by_relief.basis.n);
        picture.footer = said(map.by_relief.basis) + " " + laid + smallest(map.by_relief) + ".";
        picture.unit = "Student's t of relief on the place; + more relief";
        picture.values = map.by_relief.t;
        picture.p = map.by_relief.p;
        parts.figure(map_figure(*input.ground, picture));
    }
    return "Ground: " + input.ground->name + ". One target a patient, laid on the nearest place (median " +
           csv_number(std::round(10.0 * on_ground.median_moved_mm) / 10.0) + " mm off); " +
           std::to_string(on_ground.too_far) + " more than 15 mm off left out. " + laid + said(map.coverage.basis) +
           " Response: " + said(map.by_response.basis) + " Relief: " + said(map.by_relief.basis);
}

}  // namespace

CohortReport write_cohort_report(const std::filesystem::path& folder, const CohortReportInput& input,
                                 const Progress& progress) {
    const Analysed rows = analysed(input.table);
    const TableFile& table = rows.table;
    const Summary summary = summarise(table, input.response);
    const ReportSession session;
    make_folder_in(folder, "figures");
    Parts parts(folder, progress);
    parts.report.n = static_cast<int>(table.rows());

    parts.part("Table 1", 0.0, [&] {
        parts.file("table1.csv", summary_csv(summary));
        std::string out = said(summary.basis);
        for (const std::string& column : summary.left_out) out += " Not shown: " + column + ".";
        return out;
    });
    parts.part("Relief of every patient", 0.05, [&] {
        parts.figure(waterfall_figure(table.numbers("relief_4")));
        return std::string("Relief after session 4 as the patient gives it.");
    });
    parts.part("Comparisons", 0.1, [&] {
        const Forest f = forest(table, input.response, input.odds);
        parts.figure(forest_figure(f));
        return "Odds ratios of " + input.response + ": " + said(f.basis) +
               " The table beside the figure has all four methods; p adjusted after Benjamini and Hochberg over the "
               "comparisons.";
    });
    parts.part("Sessions 4 to 8", 0.2, [&] {
        const ReliefTransition t = relief_transition(table.numbers("relief_4"), table.numbers("relief_8"));
        parts.figure(transition_figure(t, 4, 8));
        return said(t.basis) + " McNemar's test at 10 %, exact and mid-p.";
    });
    parts.part("First response", 0.25, [&] { return first_responses(parts, input.table); });
    parts.part("Lasting response", 0.3, [&] {
        const CumulativeIncidence c = aalen_johansen(table.numbers("followed_years"), table.numbers("end_cause"));
        if (c.basis.n < 10) throw InputError("fewer than 10 responders were followed.");
        if (c.steps.empty()) throw InputError("no response ended while it was followed.");
        std::vector<double> either = table.numbers("end_cause");
        for (double& cause : either) cause = std::isnan(cause) ? cause : std::min(cause, 1.0);
        parts.figure(
            incidence_figure(c, kaplan_meier(table.numbers("followed_years"), either), {"relief lost", "implanted"}));
        return "Clock starts at the end of the test period; implant competes with lost relief. " + said(c.basis);
    });
    parts.part("Implant", 0.35, [&] {
        const auto relief = table.numbers("relief_4"), success = table.outcomes("implant_success");
        const Roc r = roc(relief, success);
        if (r.basis.n < 10) throw InputError("fewer than 10 patients had an implant with a known result.");
        parts.figure(roc_figure(r, relief, success, "relief after session 4",
                                "relief of at least 30 % under the implant", 30.0));
        const CutOptimism o = youden_optimism(relief, success);
        char text[200];
        std::snprintf(text, sizeof text,
                      " Youden's index %.3f on these data, %.3f after bootstrap correction of its optimism (%s).",
                      o.apparent, o.corrected, o.basis.method.c_str());
        return said(r.basis) + text;
    });
    parts.part("Map", 0.5, [&] { return maps(parts, folder, input, table, progress); });
    parts.part("Data", 0.96, [&] {
        const Deidentified data = deidentified(table, input.map.seed);
        parts.file("patients.csv", data.csv);
        parts.file("dictionary.csv", dictionary_csv());
        std::string out = "patients.csv holds the patients of the analysis.";
        for (const std::string& change : data.changes) out += " " + change;
        return out;
    });

    bool simulated = false;
    if (table.has("simulated")) {
        for (const auto& cell : table.text("simulated")) simulated = simulated || cell == std::string("yes");
    }
    std::string methods = "Methods\n=======\n\n";
    if (simulated) methods += "SIMULATED DATA: patients in this table never were.\n\n";
    methods += "Source: " + input.source + ", " + std::to_string(rows.in_all) + " patients; " +
               std::to_string(table.rows()) + " analysed.";
    for (const std::string& line : rows.exclusions) methods += " Left out: " + line + ".";
    methods += "\nSoftware: Precentral " PRECENTRAL_VERSION ". Written " + to_iso8601(utc_now()) + ".\n\n";
    methods +=
        "Definitions. Relief is what the patient says after a session, in % of the pain before treatment, negative "
        "when worse. r10_4: relief after session 4 of at least 10 %. r30_4: above 30 %. Groups here: " +
        input.response +
        ". The target of a patient is one place; sessions are not counted as patients. Intervals "
        "are 95 %. The cohort is retrospective and has no sham: relief holds regression to the mean, and only those "
        "who completed four sessions are in it.\n\n";
    methods += parts.text();
    for (const std::string& line : parts.report.not_made) methods += "Not made. " + line + "\n";
    for (const std::string& line : session.warnings()) methods += "Figures: " + line + "\n";
    methods += std::string("\n") + kNotADevice + "\n";
    parts.file("methods.txt", methods);
    std::vector<std::vector<std::string>> hashes;
    for (const std::string& file : parts.report.files)
        hashes.push_back({file, sha256_of_file((folder / file).string())});
    parts.file("files.csv", csv_text({"file", "sha256"}, hashes));
    progress.at(1.0, "report written");
    return parts.report;
}

}  // namespace precentral
