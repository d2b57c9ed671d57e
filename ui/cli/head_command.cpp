// SPDX-License-Identifier: Apache-2.0
// precentral head: from a T1 to the head that is navigated on, and what to aim at on it.
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <memory>

#include "data/text_file.h"
#include "imaging/atlas.h"
#include "imaging/coil_proposals.h"
#include "imaging/landmarks.h"
#include "imaging/mesh_measures.h"
#include "imaging/surface_io.h"
#include "imaging/ten_twenty.h"
#include "imaging/volume_io.h"
#include "ui/cli/commands.h"
#include "ui/cli/terminal.h"
#include "ui/report/head_picture.h"

namespace precentral::cli {
namespace {

double peak_memory_mb() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) / 1024.0;
}

// What is proposed on a head, beside the head itself.
struct Aims {
    std::vector<Landmark> fiducials;  // for registration
    Landmark inion;                   // for the 10-20 measurement only
    std::vector<CoilProposal> motor;
    std::vector<ScalpSite> sites;  // empty when they cannot be measured; a warning says why
    std::vector<std::string> warnings;
};

Aims aims_of(const HeadModel& head) {
    const SurfaceIndex scalp(head.scalp);
    const SurfaceIndex brain(head.brain);
    Aims aims;
    aims.fiducials = head.fiducials;
    const auto scan_from_mni = [&head](const Point<Mni>& p) { return head.template_space.scan(p); };
    aims.inion = propose_inion(scan_from_mni, scalp);
    aims.motor = propose_coils(scalp, brain, head.motor);
    try {
        aims.sites = ten_twenty_sites(scalp, {landmark_named(head.fiducials, "nasion").point, aims.inion.point,
                                              landmark_named(head.fiducials, "left preauricular").point,
                                              landmark_named(head.fiducials, "right preauricular").point});
    } catch (const InputError& error) {
        aims.warnings.push_back(std::string("The 10-20 sites were not measured. ") + error.what());
    }
    return aims;
}

// name,x,y,z
template <class Places>
std::string table_of(const Places& places) {
    std::string text = "name,x,y,z\n";
    for (const auto& place : places) {
        std::string name = place.name;
        std::erase(name, ',');
        const Eigen::Vector3d& p = place.point.xyz;
        text += name + "," + std::to_string(p.x()) + "," + std::to_string(p.y()) + "," + std::to_string(p.z()) + "\n";
    }
    return text;
}

nlohmann::json seconds_of(const HeadModel& head, const std::string& stage) {
    const auto found =
        std::find_if(head.seconds.begin(), head.seconds.end(), [&](const auto& s) { return s.stage == stage; });
    return found == head.seconds.end() ? nlohmann::json() : nlohmann::json(found->seconds);  // null: it was kept
}

nlohmann::json proposals_of(const Aims& aims, const HeadModel& head, const std::vector<Atlas>& atlases) {
    nlohmann::json out = nlohmann::json::array();
    const auto landmark = [](const Landmark& l) {
        return nlohmann::json{
            {"name", l.name}, {"point", to_json(l.point.xyz)}, {"source", l.source}, {"prior_sd_mm", l.sd_mm}};
    };
    for (const Landmark& fiducial : aims.fiducials) out.push_back(landmark(fiducial));
    for (const CoilProposal& p : aims.motor) {
        nlohmann::json one = landmark(p.place);
        const Point<Mni> mni = head.template_space.mni(p.place.point);
        one["side"] = to_word(p.side);
        one["pose"] = to_json(p.oblique.matrix());
        one["pose_ap"] = to_json(p.antero_posterior.matrix());
        one["scalp_cortex_mm"] = p.scalp_cortex_mm ? nlohmann::json(*p.scalp_cortex_mm) : nlohmann::json();
        one["mni"] = to_json(mni.xyz);
        for (const Atlas& atlas : atlases) {
            if (const auto label = atlas.label_at(mni)) {
                one["labels"][atlas.name()] = {{"name", label->name}, {"distance_mm", label->distance_mm}};
            }
        }
        out.push_back(std::move(one));
    }
    out.push_back(landmark(aims.inion));
    return out;
}

void print_json(const HeadModel& head, const Aims& aims, const std::filesystem::path& out, double seconds) {
    nlohmann::json sites = nlohmann::json::array();
    for (const ScalpSite& site : aims.sites) {
        sites.push_back({{"name", site.name},
                         {"point", to_json(site.point.xyz)},
                         {"normal", to_json(site.normal.xyz)},
                         {"system", site.of_ten_twenty ? "10-20" : "10-10"}});
    }
    std::vector<std::string> warnings = head.warnings;
    warnings.insert(warnings.end(), aims.warnings.begin(), aims.warnings.end());
    nlohmann::json stages;
    for (const StageSeconds& stage : head.seconds) stages[stage.stage] = stage.seconds;
    const std::string brain = (out / "brain.ply").string();
    const nlohmann::json result{{"scalp",
                                 {{"path", (out / "scalp.ply").string()},
                                  {"triangles", head.scalp.triangles.size()},
                                  {"watertight", measured(head.scalp).watertight()},
                                  {"seconds", seconds_of(head, "scalp")}}},
                                {"brain",
                                 {{"mask", (out / "brain_mask.nii.gz").string()},
                                  {"surface", brain},
                                  {"volume_ml", head.brain_volume_ml},
                                  {"seconds", seconds_of(head, "brain")}}},
                                {"cortex", {{"path", brain}}},
                                {"proposals", proposals_of(aims, head, load_atlases(kTemplateDir))},
                                {"sites", sites},
                                {"warnings", warnings},
                                {"stages", stages},
                                {"seconds", seconds},
                                {"peak_memory_mb", peak_memory_mb()}};
    std::printf("%s\n", result.dump(2).c_str());
}

void print_table(const HeadModel& head, const Aims& aims, const std::filesystem::path& out, double seconds) {
    const auto atlases = load_atlases(kTemplateDir);
    std::printf("scalp  %zu triangles%s\nbrain  %zu triangles, %.0f ml\n\n", head.scalp.triangles.size(),
                measured(head.scalp).watertight() ? ", closed" : ", NOT closed", head.brain.triangles.size(),
                head.brain_volume_ml);
    const auto place = [](const Landmark& l) {
        const Eigen::Vector3d& p = l.point.xyz;
        std::printf("%-20s %8.1f %8.1f %8.1f   ±%.0f mm", l.name.c_str(), p.x(), p.y(), p.z(), l.sd_mm);
    };
    std::printf("To touch for registration (x to the right, y to the front, z up, mm; confirm each):\n");
    for (const Landmark& l : aims.fiducials) {
        place(l);
        std::printf("\n");
    }
    std::printf("\nTo begin the search for the hotspot (± one standard deviation along each axis):\n");
    for (const CoilProposal& p : aims.motor) {
        place(p.place);
        if (p.scalp_cortex_mm) {
            std::printf("   scalp to cortex %4.1f mm", *p.scalp_cortex_mm);
        } else {
            std::printf("   scalp to cortex not known");
        }
        const auto label = atlases.front().label_at(head.template_space.mni(p.place.point));
        std::printf("   %s\n", label ? label->name.c_str() : "");
    }
    std::printf(
        "The hotspot often lies in front of the hand knob, and face and leg are less certain than the hand: map "
        "before you treat.\n");
    if (!aims.sites.empty()) {
        const Eigen::Vector3d& vertex = site_named(aims.sites, "Cz").point.xyz;
        std::printf("\nvertex (Cz) at %.1f %.1f %.1f; %zu sites of the 10-20 and 10-10 system in sites.csv\n",
                    vertex.x(), vertex.y(), vertex.z(), aims.sites.size());
    }
    for (const std::string& warning : head.warnings) std::printf("warning: %s\n", warning.c_str());
    for (const std::string& warning : aims.warnings) std::printf("warning: %s\n", warning.c_str());
    std::printf("%.1f s; surfaces, tables and the picture head.png in %s\n", seconds, out.string().c_str());
}

void make_head(const std::string& t1, const std::string& out_dir, bool json) {
    require_place_for(out_dir);
    const SteadyTime began = steady_now();
    const HeadModel head = prepare_head(t1, cache_dir(), terminal_progress());
    const Aims aims = aims_of(head);
    const double seconds = seconds_between(began, steady_now());
    const std::filesystem::path out(out_dir);
    make_folder(out);
    write_surface(head.scalp, out / "scalp.ply");
    write_surface(head.brain, out / "brain.ply");
    Volume mask = head.t1;
    const Mask brain = brain_voxels(head);
    mask.samples = std::make_shared<const std::vector<float>>(brain.begin(), brain.end());
    write_nifti(mask, out / "brain_mask.nii.gz");
    write_text_file((out / "fiducials.csv").string(), table_of(aims.fiducials));
    write_text_file((out / "targets.csv").string(), table_of(head.motor));
    write_text_file((out / "sites.csv").string(), table_of(aims.sites));
    try {
        write_head_picture(head, aims.motor, aims.sites, out / "head.png");
    } catch (const Error& error) {  // the head is good without it
        std::fprintf(stderr, "There is no picture. %s\n", error.what());
    }
    if (json) {
        print_json(head, aims, out, seconds);
    } else {
        print_table(head, aims, out, seconds);
    }
}

}  // namespace

void add_head(CLI::App& app) {
    auto t1 = std::make_shared<std::string>();
    auto out = std::make_shared<std::string>();
    auto json = std::make_shared<bool>(false);
    CLI::App* head = app.add_subcommand("head", "Scalp, brain, and what to aim at, from a T1");
    head->add_option("T1", *t1)->required();
    head->add_option("--out", *out, "Folder for the surfaces and tables")->required();
    head->add_flag("--json", *json);
    head->footer("Example: precentral head t1.nii.gz --out head/");
    head->callback([=] { make_head(*t1, *out, *json); });
}

}  // namespace precentral::cli
