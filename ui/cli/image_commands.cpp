// SPDX-License-Identifier: Apache-2.0
// precentral head: the head made from an MRI.
#include <sys/resource.h>

#include <cstdio>
#include <memory>

#include "data/text_file.h"
#include "imaging/head_model.h"
#include "imaging/mesh_measures.h"
#include "imaging/surface_io.h"
#include "navigation/placement.h"
#include "ui/cli/commands.h"
#include "ui/cli/terminal.h"

namespace precentral::cli {
namespace {

double peak_memory_mb() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) / 1024.0;
}

void make_head(const std::string& t1, const std::string& out_dir, bool json) {
    const SteadyTime began = steady_now();
    const HeadModel head = prepare_head(t1, cache_dir(), terminal_progress());
    const double seconds = seconds_between(began, steady_now());
    std::error_code failed;
    std::filesystem::create_directories(out_dir, failed);
    if (failed) throw InputError("The folder \"" + out_dir + "\" cannot be made: " + failed.message() + ".");
    const std::filesystem::path out(out_dir);
    write_surface(head.scalp, out / "scalp.ply");
    write_surface(head.brain, out / "brain.ply");
    const SurfaceIndex scalp(head.scalp);
    nlohmann::json proposals = nlohmann::json::array();
    for (const Landmark& fiducial : head.fiducials) {
        proposals.push_back(
            {{"name", fiducial.name}, {"point", to_json(fiducial.point.xyz)}, {"source", fiducial.source}});
    }
    for (const Landmark& site : head.motor) {
        const Side side = site.name.find("left") != std::string::npos ? Side::left : Side::right;
        const auto pose = coil_over(scalp, site.point, 45.0, side);
        proposals.push_back({{"name", site.name},
                             {"point", to_json(site.point.xyz)},
                             {"pose", to_json(pose.matrix())},
                             {"source", site.source}});
    }
    // What a registration needs beside the touched points.
    const auto table = [](const std::vector<Landmark>& landmarks) {
        std::string text = "name,x,y,z\n";
        for (const Landmark& landmark : landmarks) {
            std::string name = landmark.name;
            std::erase(name, ',');
            text += name + "," + std::to_string(landmark.point.xyz.x()) + "," + std::to_string(landmark.point.xyz.y()) +
                    "," + std::to_string(landmark.point.xyz.z()) + "\n";
        }
        return text;
    };
    write_text_file((out / "fiducials.csv").string(), table(head.fiducials));
    write_text_file((out / "targets.csv").string(), table(head.motor));
    nlohmann::json stages;
    for (const StageSeconds& stage : head.seconds) stages[stage.stage] = stage.seconds;
    const bool watertight = measured(head.scalp).watertight();
    if (json) {
        const nlohmann::json result{
            {"scalp",
             {{"path", (out / "scalp.ply").string()},
              {"triangles", head.scalp.triangles.size()},
              {"watertight", watertight}}},
            {"brain", {{"surface", (out / "brain.ply").string()}, {"volume_ml", head.brain_volume_ml}}},
            {"proposals", proposals},
            {"warnings", head.warnings},
            {"stages", stages},
            {"seconds", seconds},
            {"peak_memory_mb", peak_memory_mb()}};
        std::printf("%s\n", result.dump(2).c_str());
        return;
    }
    std::printf("scalp  %zu triangles%s\nbrain  %zu triangles, %.0f ml\n", head.scalp.triangles.size(),
                watertight ? ", closed" : ", NOT closed", head.brain.triangles.size(), head.brain_volume_ml);
    for (const auto& p : proposals) {
        const auto& point = p["point"];
        std::printf("%-20s (%6.1f, %6.1f, %6.1f)\n", p["name"].get<std::string>().c_str(), point[0].get<double>(),
                    point[1].get<double>(), point[2].get<double>());
    }
    for (const std::string& warning : head.warnings) std::printf("warning: %s\n", warning.c_str());
    std::printf("%.1f s; surfaces, fiducials.csv and targets.csv in %s\n", seconds, out_dir.c_str());
}

}  // namespace

void add_image(CLI::App& app) {
    add_image_files(app);
    auto path = std::make_shared<std::string>();
    auto out = std::make_shared<std::string>();
    auto json = std::make_shared<bool>(false);
    CLI::App* head = app.add_subcommand("head", "Scalp, brain, and what to aim at, from a T1");
    head->add_option("T1", *path)->required();
    head->add_option("--out", *out, "Folder for the surfaces")->required();
    head->add_flag("--json", *json);
    head->footer("Example: precentral head t1.nii.gz --out head/");
    head->callback([=] { make_head(*path, *out, *json); });
}

}  // namespace precentral::cli
