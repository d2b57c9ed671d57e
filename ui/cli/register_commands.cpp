// SPDX-License-Identifier: Apache-2.0
// precentral register …, precentral calibrate …: fits from files.
#include <cstdio>
#include <memory>

#include "data/text_file.h"
#include "imaging/surface_io.h"
#include "registration/coil_calibration.h"
#include "registration/pivot.h"
#include "registration/register_head.h"
#include "ui/cli/commands.h"
#include "ui/cli/terminal.h"

namespace precentral::cli {
namespace {

struct RegisterArguments {
    std::string scan, tracker, scalp, points, initial, targets, poses;
    bool json = false;
};

// One table for people, one object for programs.
void print_fit(const Eigen::Matrix4d& scan_from_tracker, double rms_mm, const std::vector<double>& residuals_mm,
               const nlohmann::json& targets, Verdict verdict, const std::vector<std::string>& reasons, double seconds,
               bool json) {
    if (json) {
        const nlohmann::json out{{"scan_from_tracker", to_json(scan_from_tracker)},
                                 {"rms_mm", rms_mm},
                                 {"residuals_mm", residuals_mm},
                                 {"targets", targets},
                                 {"verdict", to_word(verdict)},
                                 {"reasons", reasons},
                                 {"seconds", seconds}};
        std::printf("%s\n", out.dump(2).c_str());
        return;
    }
    std::printf("scan_from_tracker\n");
    for (int row = 0; row < 4; ++row) {
        std::printf("  %10.5f %10.5f %10.5f %11.4f\n", scan_from_tracker(row, 0), scan_from_tracker(row, 1),
                    scan_from_tracker(row, 2), scan_from_tracker(row, 3));
    }
    std::printf("left over (rms): %.2f mm; this is not the error at a target\n", rms_mm);
    for (const auto& target : targets) {
        std::printf("expected at %s: %.1f mm (95 %% below %.1f), %.1f°\n", target["name"].get<std::string>().c_str(),
                    target["predicted_rms_mm"].get<double>(), target["predicted_p95_mm"].get<double>(),
                    target["predicted_angle_deg"].get<double>());
    }
    std::printf("verdict: %s\n", to_word(verdict));
    for (const std::string& reason : reasons) std::printf("  %s\n", reason.c_str());
}

nlohmann::json predictions(const PoseCovariance<Scan>& covariance, const std::string& file) {
    nlohmann::json out = nlohmann::json::array();
    if (file.empty()) return out;
    for (const NamedRow& row : read_points(file)) {
        const TargetError error = predict_error(covariance, Point<Scan>{row.xyz});
        out.push_back({{"name", row.name.empty() ? "target" : row.name},
                       {"predicted_rms_mm", error.rms_mm},
                       {"predicted_p95_mm", error.p95_mm},
                       {"predicted_angle_deg", error.angle_deg}});
    }
    return out;
}

void register_points(const RegisterArguments& a) {
    const auto scan = read_points(a.scan);
    const auto tracker = read_points(a.tracker);
    if (scan.size() != tracker.size()) {
        throw InputError("\"" + a.scan + "\" holds " + std::to_string(scan.size()) + " points, \"" + a.tracker + "\" " +
                         std::to_string(tracker.size()) + "; they are paired line by line.");
    }
    std::vector<Point<Scan>> to;
    std::vector<Point<Tracker>> from;
    for (std::size_t i = 0; i < scan.size(); ++i) {
        if (scan[i].name != tracker[i].name) {
            throw InputError("Line by line the names must agree: \"" + scan[i].name + "\" against \"" +
                             tracker[i].name + "\" (point " + std::to_string(i + 1) + ").");
        }
        to.push_back({scan[i].xyz});
        from.push_back({tracker[i].xyz});
    }
    const SteadyTime began = steady_now();
    const auto fit = fit_points<Scan, Tracker>(from, to);
    const double seconds = seconds_between(began, steady_now());
    // Localisation error from what the fit left; with three points nothing reliable is left, so 2 mm at least.
    const double spare = std::max(1e-9, 1.0 - 2.0 / static_cast<double>(to.size()));
    const double fle_mm = std::max(2.0, fit.rms_mm / std::sqrt(spare));
    const auto covariance = covariance_of_point_fit(to, fle_mm / std::sqrt(3.0));
    const Verdict verdict = fit.rms_mm > 5.0 ? Verdict::poor : fit.rms_mm > 3.0 ? Verdict::fair : Verdict::good;
    std::vector<std::string> reasons;
    if (verdict != Verdict::good)
        reasons.push_back("The points disagree by more than 3 mm; touch the worst one again.");
    print_fit(fit.to_from_from.matrix(), fit.rms_mm, fit.residual_mm, predictions(covariance, a.targets), verdict,
              reasons, seconds, a.json);
}

void register_surface(const RegisterArguments& a) {
    const SurfaceIndex scalp(read_surface(a.scalp));
    std::vector<Point<Head>> touched;
    for (const NamedRow& row : read_points(a.points)) touched.push_back({row.xyz});
    std::optional<Transform<Scan, Head>> initial;
    if (!a.initial.empty()) initial = Transform<Scan, Head>::checked(read_matrix(a.initial), "\"" + a.initial + "\"");
    const SteadyTime began = steady_now();
    const SurfaceFit fit = fit_surface(touched, scalp, initial);
    print_fit(fit.scan_from_head.matrix(), fit.rms_mm, fit.residual_mm, predictions(fit.covariance, a.targets),
              fit.verdict, fit.reasons, seconds_between(began, steady_now()), a.json);
}

// A header naming m00 … m33 is not asked for: 16 numbers a line, row-major.
std::vector<Eigen::Matrix4d> read_poses(const std::string& file) {
    std::vector<Eigen::Matrix4d> poses;
    std::stringstream in(read_text_file(file));
    std::string line;
    for (int number = 1; std::getline(in, line); ++number) {
        std::stringstream cells(line);
        std::string cell;
        std::vector<double> values;
        while (std::getline(cells, cell, ',')) {
            char* end = nullptr;
            const double value = std::strtod(cell.c_str(), &end);
            if (end == cell.c_str()) break;
            values.push_back(value);
        }
        if (values.empty() && poses.empty()) continue;  // a header
        if (values.size() != 16) {
            throw InputError("\"" + file + "\", line " + std::to_string(number) +
                             ": a pose is 16 numbers, the 4x4 matrix row by row.");
        }
        Eigen::Matrix4d m;
        for (int i = 0; i < 16; ++i) m(i / 4, i % 4) = values[static_cast<std::size_t>(i)];
        poses.push_back(m);
    }
    return poses;
}

void calibrate_stylus(const RegisterArguments& a) {
    std::vector<Transform<Tracker, Stylus>> poses;
    int line = 0;
    for (const Eigen::Matrix4d& m : read_poses(a.poses)) {
        poses.push_back(Transform<Tracker, Stylus>::checked(m, "\"" + a.poses + "\", pose " + std::to_string(++line)));
    }
    const auto pivot = calibrate_pivot(poses);
    const PivotSolution& d = pivot.details;
    if (a.json) {
        const nlohmann::json out{{"tip_in_stylus", to_json(pivot.tip.xyz)},
                                 {"rms_mm", d.rms_mm},
                                 {"tip_error_mm", d.tip_error_mm},
                                 {"kept", d.kept},
                                 {"given", d.given},
                                 {"verdict", to_word(d.verdict)},
                                 {"reasons", d.reasons}};
        std::printf("%s\n", out.dump(2).c_str());
        return;
    }
    std::printf("tip in the stylus' body: (%.3f, %.3f, %.3f) mm, expected error %.2f mm\n", pivot.tip.xyz.x(),
                pivot.tip.xyz.y(), pivot.tip.xyz.z(), d.tip_error_mm);
    std::printf("%d of %d poses kept, left over %.2f mm; verdict: %s\n", d.kept, d.given, d.rms_mm, to_word(d.verdict));
    for (const std::string& reason : d.reasons) std::printf("  %s\n", reason.c_str());
}

}  // namespace

void add_register(CLI::App& app) {
    auto a = std::make_shared<RegisterArguments>();
    CLI::App* group = app.add_subcommand("register", "Align tracking with the scan");
    group->require_subcommand(1);
    CLI::App* points = group->add_subcommand("points", "From paired points");
    points->add_option("--scan", a->scan, "name,x,y,z in the scan, RAS mm")->required();
    points->add_option("--tracker", a->tracker, "The same points as tracked")->required();
    CLI::App* surface = group->add_subcommand("surface", "From points touched on the scalp");
    surface->add_option("--scalp", a->scalp, "STL, PLY, OBJ or VTP, RAS mm")->required();
    surface->add_option("--points", a->points, "x,y,z as tracked")->required();
    surface->add_option("--initial", a->initial, "4x4 start, JSON; without one every orientation is tried");
    for (CLI::App* fit : {points, surface}) {
        fit->add_option("--targets", a->targets, "Where the error is to be predicted");
        fit->add_flag("--json", a->json);
    }
    points->callback([a] { register_points(*a); });
    surface->callback([a] { register_surface(*a); });
    add_register_simulate(*group);

    CLI::App* calibrate = app.add_subcommand("calibrate", "Tools");
    calibrate->require_subcommand(1);
    CLI::App* pivot = calibrate->add_subcommand("pivot", "The stylus' tip from poses swung about it");
    pivot->add_option("--poses", a->poses, "16 numbers a line, row-major")->required();
    pivot->add_flag("--json", a->json);
    pivot->callback([a] { calibrate_stylus(*a); });
}

}  // namespace precentral::cli
