// SPDX-License-Identifier: Apache-2.0
// precentral normalise: between a patient's scan and template space.
#include <cstdio>
#include <memory>
#include <optional>

#include "data/text_file.h"
#include "data/time.h"
#include "imaging/head_model.h"
#include "imaging/volume_io.h"
#include "ui/cli/commands.h"
#include "ui/cli/terminal.h"

namespace precentral::cli {
namespace {

struct Arguments {
    std::string t1;
    std::string out;
    std::string points;
    std::string to = "mni";
    bool json = false;
};

struct Carried {
    std::string name;
    Eigen::Vector3d point;
    std::optional<double> spread_mm;  // nothing where neither method reaches: only the affine map carries there
};

// Far from the brain both methods leave the place where the affine map put it; that they agree means nothing.
std::optional<double> known_spread_mm(const Normalisation& by, const Point<Mni>& place) {
    constexpr double kRimMm = 8.0;
    const WorkGrid& grid = by.bend.grid;
    const Eigen::Array3d low = grid.first.xyz.array() + kRimMm;
    const Eigen::Array3d high = grid.place(grid.dims[0] - 1, grid.dims[1] - 1, grid.dims[2] - 1).xyz.array() - kRimMm;
    const Eigen::Array3d at = place.xyz.array();
    if ((at < low).any() || (at > high).any()) return std::nullopt;
    return by.spread_mm(place);
}

std::vector<Carried> carried_points(const Arguments& a, const Normalisation& by) {
    std::vector<Carried> out;
    for (const NamedRow& row : read_points(a.points)) {
        if (a.to == "mni") {
            const Point<Mni> mni = by.mni({row.xyz});
            out.push_back({row.name, mni.xyz, known_spread_mm(by, mni)});
        } else {
            out.push_back({row.name, by.scan({row.xyz}).xyz, known_spread_mm(by, {row.xyz})});
        }
    }
    return out;
}

void run(const Arguments& a) {
    // The points are read first: a mistake in them should not wait for the image.
    if (!a.points.empty()) (void)read_points(a.points);
    require_place_for(a.out);
    const SteadyTime began = steady_now();
    const HeadModel head = prepare_head(a.t1, cache_dir(), terminal_progress());
    const Normalisation& by = head.template_space;
    std::vector<Carried> points;
    if (!a.points.empty()) points = carried_points(a, by);

    const std::filesystem::path out(a.out);
    make_folder(out);
    const Template to = load_template(kTemplateDir);
    write_nifti(in_template_space(head.t1, by, to), out / "t1_in_mni.nii.gz");
    write_nifti(jacobian_map(by, to), out / "jacobian.nii.gz");
    if (!points.empty()) {
        std::string table = "name,x,y,z,spread_mm\n";
        for (const Carried& p : points) {
            table += p.name;
            for (const double v : {p.point.x(), p.point.y(), p.point.z()}) table += "," + std::to_string(v);
            table += "," + (p.spread_mm ? std::to_string(*p.spread_mm) : std::string()) + "\n";
        }
        write_text_file((out / ("points_in_" + a.to + ".csv")).string(), table);
    }
    const double seconds = seconds_between(began, steady_now());

    if (a.json) {
        nlohmann::json list = nlohmann::json::array();
        for (const Carried& p : points) {
            list.push_back({{"name", p.name},
                            {"point", to_json(p.point)},
                            {"spread_mm", p.spread_mm ? nlohmann::json(*p.spread_mm) : nlohmann::json()}});
        }
        nlohmann::json spread;
        for (const Landmark& site : head.motor) spread[site.name] = by.spread_mm(by.mni(site.point));
        const nlohmann::json result{{"mni_from_scan_affine", to_json(by.affine.matrix())},
                                    {"points", list},
                                    {"min_jacobian", by.least_jacobian},
                                    {"max_jacobian", by.largest_jacobian},
                                    {"overlap", by.overlap},
                                    {"correlation", by.correlation},
                                    {"spread_mm", spread},
                                    {"warnings", head.warnings},
                                    {"seconds", seconds}};
        std::printf("%s\n", result.dump(2).c_str());
        return;
    }
    std::printf("overlap with the template's brain %.3f; volume changes by %.2f to %.2f%s\n", by.overlap,
                by.least_jacobian, by.largest_jacobian, by.least_jacobian > 0.0 ? ", nothing folds" : ": IT FOLDS");
    std::printf("two methods differ by (mm):\n");
    for (const Landmark& site : head.motor) {
        std::printf("  %-16s %4.1f\n", site.name.c_str(), by.spread_mm(by.mni(site.point)));
    }
    for (const Carried& p : points) {
        std::printf("%-20s (%7.2f, %7.2f, %7.2f) in %s, ", p.name.c_str(), p.point.x(), p.point.y(), p.point.z(),
                    a.to == "mni" ? "MNI" : "the scan");
        if (p.spread_mm) {
            std::printf("methods differ by %.1f mm\n", *p.spread_mm);
        } else {
            std::printf("outside the brain's surroundings: by the affine map alone\n");
        }
    }
    for (const std::string& warning : head.warnings) std::printf("warning: %s\n", warning.c_str());
    std::printf("%.1f s; t1_in_mni.nii.gz and jacobian.nii.gz in %s\n", seconds, a.out.c_str());
}

}  // namespace

void add_normalise(CLI::App& app) {
    auto a = std::make_shared<Arguments>();
    CLI::App* command = app.add_subcommand("normalise", "To and from template (MNI) coordinates");
    command->add_option("T1", a->t1, "The patient's MRI: a file or a DICOM folder")->required();
    command->add_option("--out", a->out, "Folder for the image in template space and the volume change")->required();
    command->add_option("--points", a->points, "Table name,x,y,z (mm) of points to carry");
    command->add_option("--to", a->to, "Where the points go")
        ->check(CLI::IsMember({"mni", "scan"}))
        ->capture_default_str();
    command->add_flag("--json", a->json);
    command->footer(
        "Examples:\n  precentral normalise t1.nii.gz --out normal/\n"
        "  precentral normalise t1.nii.gz --out normal/ --points mni_targets.csv --to scan --json\n"
        "The spread is how far two methods differ at a place; on people 2 to 8 mm are usual.");
    command->callback([a] { run(*a); });
}

}  // namespace precentral::cli
