// SPDX-License-Identifier: Apache-2.0
// precentral register points | surface: fits from files.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <memory>
#include <optional>

#include "imaging/surface_io.h"
#include "registration/register_head.h"
#include "ui/cli/commands.h"
#include "ui/cli/terminal.h"

namespace precentral::cli {
namespace {

struct RegisterArguments {
    std::string scan, tracker, scalp, points, initial, targets;
    double offset_mm = 0.0, offset_sigma_mm = 0.0, hair_sigma_mm = 0.0;
    bool json = false;
};

// One table for people, one object for programs.
void print_fit(const Eigen::Matrix4d& scan_from_tracker, double rms_mm, const std::vector<double>& residuals_mm,
               const nlohmann::json& more, const nlohmann::json& targets, Verdict verdict,
               const std::vector<std::string>& reasons, double seconds, bool json) {
    if (json) {
        nlohmann::json out{{"scan_from_tracker", to_json(scan_from_tracker)},
                           {"rms_mm", rms_mm},
                           {"residuals_mm", residuals_mm},
                           {"targets", targets},
                           {"verdict", to_word(verdict)},
                           {"reasons", reasons},
                           {"seconds", seconds}};
        out.update(more);
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

constexpr double kTellingSidesMm = 3.0;  // of rms by which the right way round must be better than the wrong one

// The point that lies furthest from where the others put it.
std::string worst_of(const std::vector<NamedRow>& scan, const PointFit<Scan, Tracker>& fit) {
    std::size_t worst = 0;
    const auto off = [&](std::size_t i) {
        return std::isnan(fit.left_out_mm[i]) ? fit.residual_mm[i] : fit.left_out_mm[i];
    };
    for (std::size_t i = 1; i < scan.size(); ++i) worst = off(i) > off(worst) ? i : worst;
    const std::string name = scan[worst].name.empty() ? "point " + std::to_string(worst + 1) : scan[worst].name;
    return "touch " + name + " again, the worst one.";
}

// How well the points fit when those called left and right are taken for one another; nothing without such a pair.
std::optional<double> rms_with_sides_swapped(const std::vector<NamedRow>& scan, const std::vector<NamedRow>& tracker) {
    std::vector<Point<Scan>> to;
    std::vector<Point<Tracker>> from;
    bool swapped = false;
    for (std::size_t i = 0; i < scan.size(); ++i) {
        std::string other = scan[i].name;
        const auto exchange = [&](const std::string& side, const std::string& with) {
            const auto at = other.find(side);
            if (at == std::string::npos) return false;
            other.replace(at, side.size(), with);
            return true;
        };
        if (!exchange("left", "right")) exchange("right", "left");
        std::size_t source = i;
        for (std::size_t j = 0; j < scan.size(); ++j) {
            if (j != i && !other.empty() && scan[j].name == other) source = j;
        }
        swapped = swapped || source != i;
        to.push_back({scan[i].xyz});
        from.push_back({tracker[source].xyz});
    }
    if (!swapped) return std::nullopt;
    return fit_points<Scan, Tracker>(from, to).rms_mm;
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
    Verdict verdict = fit.rms_mm > 5.0 ? Verdict::poor : fit.rms_mm > 3.0 ? Verdict::fair : Verdict::good;
    std::vector<std::string> reasons;
    if (verdict != Verdict::good) reasons.push_back("The points disagree by more than 3 mm; " + worst_of(scan, fit));
    if (const auto swapped = rms_with_sides_swapped(scan, tracker)) {
        std::array<char, 200> text{};
        std::snprintf(
            text.data(), text.size(),
            "With left and right exchanged the points fit %s (%.1f mm): make sure which ear is which, and touch "
            "points on the scalp.",
            *swapped < fit.rms_mm ? "BETTER" : "about as well", *swapped);
        if (*swapped < fit.rms_mm) verdict = Verdict::poor;
        if (*swapped < fit.rms_mm + kTellingSidesMm) reasons.emplace_back(text.data());
    }
    nlohmann::json left_out = nlohmann::json::array();
    for (const double mm : fit.left_out_mm) left_out.push_back(std::isnan(mm) ? nlohmann::json() : nlohmann::json(mm));
    print_fit(fit.to_from_from.matrix(), fit.rms_mm, fit.residual_mm, {{"left_out_mm", left_out}},
              predictions(covariance, a.targets), verdict, reasons, seconds, a.json);
}

// Touches on a head lie centimetres apart.
void require_head_sized(const std::vector<Point<Head>>& touched, const std::string& file) {
    constexpr double kLeastSpanMm = 20.0;
    double span_mm = 0.0;
    for (const auto& p : touched) span_mm = std::max(span_mm, distance_mm(p, touched.front()));
    if (touched.size() > 1 && span_mm < kLeastSpanMm) {
        throw InputError("The points of \"" + file + "\" lie within " + std::to_string(span_mm) +
                         " mm of each other. Are they in metres? They are to be in millimetres.");
    }
}

// A target in the brain or a coil's centre over it is never far outside the scalp.
void require_on_this_head(const SurfaceIndex& scalp, const std::string& file) {
    constexpr double kFurthestOutsideMm = 40.0;
    for (const NamedRow& row : read_points(file)) {
        const double outside_mm = scalp.closest({row.xyz}).distance_mm;
        if (outside_mm <= kFurthestOutsideMm) continue;
        throw InputError("The target \"" + row.name + "\" of \"" + file + "\" lies " +
                         std::to_string(static_cast<int>(outside_mm)) +
                         " mm outside this scalp. Is it another patient's, or not in this scan's RAS millimetres?");
    }
}

void register_surface(const RegisterArguments& a) {
    const SurfaceIndex scalp(read_surface(a.scalp));
    std::vector<Point<Head>> touched;
    SurfaceFitOptions options;
    options.offset_mm = a.offset_mm;
    options.offset_sigma_mm = a.offset_sigma_mm;
    options.hair_sigma_mm = a.hair_sigma_mm;
    bool any_hair = false;
    for (const NamedRow& row : read_points(a.points)) {
        touched.push_back({row.xyz});
        options.under_hair.push_back(row.name.rfind("hair", 0) == 0);
        any_hair = any_hair || options.under_hair.back();
    }
    if (!any_hair) options.under_hair.clear();
    require_head_sized(touched, a.points);
    if (!a.targets.empty()) require_on_this_head(scalp, a.targets);
    std::optional<Transform<Scan, Head>> initial;
    if (!a.initial.empty()) initial = Transform<Scan, Head>::checked(read_matrix(a.initial), "\"" + a.initial + "\"");
    const SteadyTime began = steady_now();
    const SurfaceFit fit = fit_surface(touched, scalp, initial, {}, options);
    std::vector<std::string> reasons = fit.reasons;
    if (!initial) {
        reasons.emplace_back(
            "Nothing but the skin was used, and a head is nearly its own mirror image: make sure that left is left.");
    }
    print_fit(fit.scan_from_head.matrix(), fit.rms_mm, fit.residual_mm,
              {{"offset_mm", fit.offset_mm}, {"hair_mm", fit.hair_mm}, {"noise_mm", fit.noise_mm}},
              predictions(fit.covariance, a.targets), fit.verdict, reasons, seconds_between(began, steady_now()),
              a.json);
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
    surface->add_option("--offset", a->offset_mm, "How far outside the scan's skin the tip rests, mm");
    surface->add_option("--offset-sigma", a->offset_sigma_mm, "How unsure that is; above 0 it is fitted")
        ->check(CLI::Range(0.0, 20.0));
    surface->add_option("--hair-sigma", a->hair_sigma_mm, "Fit how thick the hair is under points named hair…, mm")
        ->check(CLI::Range(0.0, 20.0));
    for (CLI::App* fit : {points, surface}) {
        fit->add_option("--targets", a->targets, "Where the error is to be predicted");
        fit->add_flag("--json", a->json);
    }
    points->callback([a] { register_points(*a); });
    surface->callback([a] { register_surface(*a); });
    add_register_simulate(*group);
}

}  // namespace precentral::cli
