// SPDX-License-Identifier: Apache-2.0
// precentral register simulate: what the surface fit reaches on a real scalp, beside the theory and beside others.
#include <cstdio>
#include <memory>
#include <optional>

#include "imaging/head_model.h"
#include "registration/surface_study.h"
#include "ui/cli/commands.h"
#include "ui/cli/terminal.h"

namespace precentral::cli {
namespace {

struct StudyArguments {
    std::vector<int> points{20, 50, 300, 2000};
    std::vector<double> starts{10.0, 4.0};
    std::vector<double> outliers_pct{0.0, 5.0};
    int seeds = 100;
    unsigned first_seed = 1;
    double noise_mm = 1.0;
    std::string t1;
    bool json = false;
};

// What others reached on such trials, from the same start with the same noise and no outliers: mean and 95 % of the
// error at both hand knobs, and the processor time of a fit.
struct Peer {
    int points;
    double start;
    const char* name;
    double mean_mm, p95_mm, seconds;
};
constexpr Peer kPeers[] = {{20, 10.0, "InVesalius 3, affine (its default)", 5.76, 12.45, 0.1},
                           {20, 10.0, "InVesalius 3, rigid", 3.62, 6.89, 0.1},
                           {20, 4.0, "InVesalius 3, affine (its default)", 4.61, 9.25, 0.1},
                           {20, 4.0, "InVesalius 3, rigid", 3.16, 5.69, 0.1},
                           {50, 10.0, "InVesalius 3, affine (its default)", 2.80, 8.97, 0.3},
                           {50, 10.0, "InVesalius 3, rigid", 1.91, 4.65, 0.3},
                           {50, 10.0, "NaviNIBS", 10.19, 18.5, 6.0},
                           {50, 4.0, "InVesalius 3, affine (its default)", 2.05, 4.62, 0.3},
                           {50, 4.0, "InVesalius 3, rigid", 1.56, 3.22, 0.3},
                           {300, 10.0, "InVesalius 3, affine (its default)", 0.75, 1.24, 3.9},
                           {300, 10.0, "InVesalius 3, rigid", 0.57, 1.01, 4.1},
                           {300, 10.0, "NaviNIBS", 5.00, 18.4, 6.0},
                           {2000, 10.0, "InVesalius 3, affine (its default)", 1.20, 2.65, 2.5},
                           {2000, 10.0, "InVesalius 3, rigid", 0.82, 1.75, 2.6}};

double mean_mm(const SurfaceStudyResult& r) {
    double sum = 0.0;
    for (const SurfaceStudyError& e : r.each) sum += e.error_mm / static_cast<double>(r.each.size());
    return sum;
}

void run_study(const StudyArguments& a) {
    const Progress progress = terminal_progress();
    const HeadModel head = prepare_head(a.t1.empty() ? demo_t1() : std::filesystem::path(a.t1), cache_dir(), progress);
    const SurfaceIndex scalp(head.scalp);
    SurfaceStudy study;
    const auto scan_from_mni = head.template_space.affine.inverse();
    study.turned_about = scan_from_mni * Point<Mni>{{0.0, -20.0, 10.0}};
    for (const Eigen::Vector3d& knob : {Eigen::Vector3d(-37.0, -21.0, 58.0), Eigen::Vector3d(38.0, -18.0, 57.0)}) {
        study.targets.push_back(scan_from_mni * Point<Mni>{knob});
    }
    // Scalp above the level of the commissures, and the middle of the face.
    study.in_reach = [map = head.template_space.affine](const Point<Scan>& p) {
        const Eigen::Vector3d at = (map * p).xyz;
        return at.z() >= 0.0 || (at.y() > 60.0 && at.z() > -60.0 && std::abs(at.x()) < 40.0);
    };
    study.seeds = a.seeds;
    study.first_seed = a.first_seed;
    study.noise_mm = a.noise_mm;

    nlohmann::json rows = nlohmann::json::array();
    if (!a.json) {
        std::printf(
            "Surface fit on %s, %d seeds, error at both hand knobs, %.1f mm noise a axis, no fiducials\n"
            "points start   lifted    rms  bound ratio   mean median    p95    max fail  angle  in 95%% stated/true  "
            "angle   ms\n",
            a.t1.empty() ? "Colin27" : a.t1.c_str(), a.seeds, a.noise_mm);
    }
    for (const int points : a.points) {
        for (const double start : a.starts) {
            for (const double outliers : a.outliers_pct) {
                study.points = points;
                study.start_mm = start;
                study.start_deg = start;
                study.outlier_share = 0.01 * outliers;
                const SurfaceStudyResult r = study_surface_fit(scalp, study, progress);
                nlohmann::json others = nlohmann::json::array();
                for (const Peer& p : kPeers) {
                    if (p.points != points || p.start != start || outliers != 0.0) continue;
                    others.push_back(
                        {{"name", p.name}, {"mean_mm", p.mean_mm}, {"p95_mm", p.p95_mm}, {"seconds", p.seconds}});
                }
                if (a.json) {
                    rows.push_back({{"points", points},
                                    {"start_mm_deg", start},
                                    {"outliers_pct", outliers},
                                    {"rms_mm", r.rms_mm},
                                    {"bound_mm", r.bound_mm},
                                    {"ratio", r.ratio},
                                    {"mean_mm", mean_mm(r)},
                                    {"median_mm", r.median_mm},
                                    {"p95_mm", r.p95_mm},
                                    {"largest_mm", r.largest_mm},
                                    {"failed", r.failed},
                                    {"angle_rms_deg", r.angle_rms_deg},
                                    {"coverage95", r.within_ellipsoid},
                                    {"within_p95", r.within_p95},
                                    {"predicted_over_true", r.predicted_over_true},
                                    {"predicted_over_true_angle", r.predicted_over_true_angle},
                                    {"ms_per_fit", r.ms_per_fit},
                                    {"others", others}});
                    continue;
                }
                std::printf(
                    "%6d %2.0f/%-3.0f %5.0f %% %7.2f %6.2f %5.2f %6.2f %6.2f %6.2f %6.2f %4d %5.2f°  %.3f  %6.3f     "
                    "%5.3f %6.1f\n",
                    points, start, start, outliers, r.rms_mm, r.bound_mm, r.ratio, mean_mm(r), r.median_mm, r.p95_mm,
                    r.largest_mm, r.failed, r.angle_rms_deg, r.within_ellipsoid, r.predicted_over_true,
                    r.predicted_over_true_angle, r.ms_per_fit);
                for (const auto& o : others) {
                    std::printf("          %-38s %6.2f        %6.2f %42.0f\n", o["name"].get<std::string>().c_str(),
                                o["mean_mm"].get<double>(), o["p95_mm"].get<double>(),
                                1e3 * o["seconds"].get<double>());
                }
                std::fflush(stdout);
            }
        }
    }
    if (a.json) std::printf("%s\n", nlohmann::json{{"seeds", a.seeds}, {"trials", rows}}.dump(2).c_str());
}

}  // namespace

void add_register_simulate(CLI::App& group) {
    auto a = std::make_shared<StudyArguments>();
    CLI::App* simulate = group.add_subcommand("simulate", "What the surface fit reaches on simulated touches");
    simulate->add_option("--points", a->points, "Touched points a fit")->delimiter(',')->check(CLI::Range(6, 20000));
    simulate->add_option("--start", a->starts, "How far off the start is, mm and degrees")
        ->delimiter(',')
        ->check(CLI::Range(0.0, 60.0));
    simulate->add_option("--outliers", a->outliers_pct, "Percent of the points lifted 3-10 mm off")
        ->delimiter(',')
        ->check(CLI::Range(0.0, 40.0));
    simulate->add_option("--seeds", a->seeds)->default_val(100)->check(CLI::Range(1, 100000));
    simulate->add_option("--first-seed", a->first_seed)->default_val(1);
    simulate->add_option("--noise", a->noise_mm, "Of a touch, mm a axis")
        ->default_val(1.0)
        ->check(CLI::Range(0.01, 5.0));
    simulate->add_option("--t1", a->t1, "Another head than Colin27");
    simulate->add_flag("--json", a->json);
    simulate->footer(
        "Columns: rms of the error, the least rms any estimator can have (Cramer-Rao), their ratio; mean, median, 95 % "
        "and\n"
        "largest error, mm; how many were off by more than 10 mm and four bounds; error of the coil's angle; share of "
        "the\n"
        "runs whose 95 % region holds the truth; stated over true rms of distance and angle; processor time of a fit.\n"
        "Other programs: mean and 95 % error, time; re-run with their own code on such trials.\n"
        "Example: precentral register simulate --points 50,300 --start 10 --outliers 0,5");
    simulate->callback([a] { run_study(*a); });
}

}  // namespace precentral::cli
