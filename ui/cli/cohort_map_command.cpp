// SPDX-License-Identifier: Apache-2.0
// precentral cohort map: where targets lay, and how relief goes with place.
#include <chrono>
#include <cmath>
#include <cstdio>
#include <limits>
#include <memory>

#include "data/cohort/describe.h"
#include "data/error.h"
#include "ui/cli/cohort_output.h"
#include "ui/cli/terminal.h"
#include "ui/report/cohort_map_files.h"

namespace precentral::cli {
namespace {

using nlohmann::json;
using namespace precentral::cohort;

struct Arguments {
    TableSource source;
    MapSettings settings;
    std::string surface, out, statistic = "tfce", response = "r30_4", relief = "relief_4", cache;
    std::vector<std::string> covariates;
    double grid_mm = 0.0;
    bool both_sides = false, coverage_only = false, json = false;
};

MapPatients patients_from(const TableFile& table, const Arguments& a) {
    MapPatients out;
    const auto x = table.numbers("target_x"), y = table.numbers("target_y"), z = table.numbers("target_z");
    for (std::size_t i = 0; i < x.size(); ++i) out.target_mni.emplace_back(x[i], y[i], z[i]);
    out.relief = table.numbers(a.relief);
    out.responder = table.outcomes(a.response);
    out.covariates = predictors_of(table, a.covariates);
    return out;
}

json relation_json(const RelationMap& r, const MapGround& ground) {
    json out{{"smallest_p", r.smallest_p}, {"critical", number(r.critical)}};
    add_basis(out, r.basis);
    if (r.best >= 0) {
        const auto best = static_cast<std::size_t>(r.best);
        out["best"] = {{"place_mni", to_json(ground.places.mni[best])},
                       {"slope", number(r.slope[best])},
                       {"t", number(r.t[best])},
                       {"p", number(r.p[best])}};
    }
    return out;
}

void print_relation(const char* name, const char* unit, const RelationMap& r, const MapGround& ground) {
    if (r.best < 0) return;
    const auto best = static_cast<std::size_t>(r.best);
    const Eigen::Vector3d& at = ground.places.mni[best];
    std::printf("%s: strongest at MNI (%.0f, %.0f, %.0f), %+.3g %s, t = %.2f, corrected p = %s\n", name, at.x(), at.y(),
                at.z(), r.slope[best], unit, r.t[best], in_words(r.smallest_p).c_str());
    print_basis(r.basis);
}

void run(Arguments& a) {
    if (a.statistic != "tfce" && a.statistic != "max") {
        throw InputError("There is no map statistic \"" + a.statistic + "\"; there are tfce and max.");
    }
    if (!a.surface.empty() && a.grid_mm > 0.0) throw InputError("Give either --surface or --grid, not both.");
    a.settings.statistic = a.statistic == "max" ? MapStatistic::largest_t : MapStatistic::threshold_free;
    a.settings.lay_on_left = !a.both_sides;
    if (!a.out.empty()) require_place_for(a.out);
    const Analysed rows = analysed(a.source.read());
    MapPatients patients = patients_from(rows.table, a);
    int mirrored = 0;
    for (const auto& target : patients.target_mni) mirrored += a.settings.lay_on_left && target.x() > 0.0 ? 1 : 0;
    const MapGround ground =
        a.grid_mm > 0.0     ? grid_ground(patients.target_mni, a.grid_mm, a.settings.lay_on_left)
        : a.surface.empty() ? template_cortex(demo_t1(), a.cache.empty() ? cache_dir() : std::filesystem::path(a.cache),
                                              terminal_progress())
                            : surface_ground(a.surface);
    const LaidTargets laid = laid_on(ground, patients.target_mni, a.settings.lay_on_left);
    patients.target_mni = laid.mni;
    std::vector<MapLayer> layers;
    TargetMap map;
    const auto begin = std::chrono::steady_clock::now();
    if (a.coverage_only) {
        map.coverage = coverage_map(ground.places, patients, a.settings);
        layers = layers_of(map.coverage);
    } else {
        map = target_map(ground.places, patients, a.settings, terminal_progress());
        layers = layers_of(map);
    }
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    std::vector<std::string> files;
    if (!a.out.empty()) {
        make_folder(a.out);
        files = write_map(a.out, ground, layers);
    }
    if (a.json) {
        json out{{"ground", ground.name},
                 {"places", ground.places.mni.size()},
                 {"covered", map.coverage.covered},
                 {"mirrored", mirrored},
                 {"targets_too_far", laid.too_far},
                 {"median_moved_mm", laid.median_moved_mm},
                 {"laid_on_left", a.settings.lay_on_left},
                 {"fewest", a.settings.fewest},
                 {"seconds", seconds},
                 {"files", files},
                 {"exclusions", rows.exclusions}};
        json coverage;
        add_basis(coverage, map.coverage.basis);
        out["coverage"] = coverage;
        if (!a.coverage_only) {
            out["responders"] = map.responders;
            out["others"] = map.others;
            out["by_response"] = relation_json(map.by_response, ground);
            out["by_relief"] = relation_json(map.by_relief, ground);
        }
        std::printf("%s\n", out.dump(2).c_str());
        return;
    }
    std::printf("%s: %d of %zu places have %d patients or more within %g mm; %d right targets laid on the left\n",
                ground.name.c_str(), map.coverage.covered, ground.places.mni.size(), a.settings.fewest,
                a.settings.near_mm, mirrored);
    std::printf(
        "targets lie %.1f mm (median) off the ground and were laid on it; %d more than 15 mm off were left out\n",
        laid.median_moved_mm, laid.too_far);
    print_basis(map.coverage.basis);
    if (!a.coverage_only) {
        std::printf("%d responders, %d others\n", map.responders, map.others);
        print_relation("response", "(share of responders)", map.by_response, ground);
        print_relation("relief", "points", map.by_relief, ground);
    }
    for (const std::string& line : rows.exclusions) std::printf("left out: %s\n", line.c_str());
    for (const std::string& file : files) std::printf("written: %s\n", (std::filesystem::path(a.out) / file).c_str());
}

}  // namespace

void add_cohort_map(CLI::App& cohort) {
    auto a = std::make_shared<Arguments>();
    CLI::App* map = cohort.add_subcommand("map", "Targets of responders and others, and relief by place, corrected");
    a->source.add_to(*map);
    map->add_option("--surface", a->surface, "Surface in MNI mm (default: the cortex of Colin27)");
    map->add_option("--grid", a->grid_mm, "Instead: a grid of cells this wide, mm");
    map->add_option("--cache", a->cache, "Where prepared heads are kept");
    map->add_option("--relief", a->relief, "Column of relief, %")->capture_default_str();
    map->add_option("--response", a->response, "Yes/no column of responders")->capture_default_str();
    map->add_option("--covariates", a->covariates, "Columns held constant beside relief")->delimiter(',');
    map->add_option("--fwhm", a->settings.fwhm_mm, "Full width of the Gaussian round a target, mm")
        ->capture_default_str();
    map->add_option("--near", a->settings.near_mm, "A target counts for a place within, mm")->capture_default_str();
    map->add_option("--fewest", a->settings.fewest, "Patients near, else nothing is said of a place")
        ->capture_default_str();
    map->add_option("--statistic", a->statistic, "tfce (threshold-free clusters) or max (largest |t|)")
        ->capture_default_str();
    map->add_option("--permutations", a->settings.permutations)->capture_default_str();
    map->add_option("--seed", a->settings.seed, "The same seed gives the same map")->capture_default_str();
    map->add_option("--effect", a->settings.effect_percent, "Points of relief (%) of the map of power")
        ->capture_default_str();
    map->add_flag("--both-sides", a->both_sides, "Leave right targets on the right");
    map->add_flag("--coverage-only", a->coverage_only, "Only patients near and power: look at this first");
    map->add_option("--out", a->out, "Folder for map.csv and GIFTI (surface) or NIfTI (grid)");
    map->add_flag("--json", a->json);
    map->footer(
        "Examples: precentral cohort map --csv cohort/patients.csv --coverage-only\n"
        "          precentral cohort map --csv cohort/patients.csv --covariates pain --out map");
    map->callback([a] { run(*a); });
}

}  // namespace precentral::cli
