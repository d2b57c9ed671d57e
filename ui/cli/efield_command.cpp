// SPDX-License-Identifier: Apache-2.0
// precentral efield: the field a coil induces at given points, or the pose that reaches them best.
#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>

#include "data/store.h"
#include "data/time.h"
#include "imaging/head_model.h"
#include "imaging/surface_io.h"
#include "navigation/efield/coil_file.h"
#include "navigation/efield/cortical_field.h"
#include "navigation/efield/inner_skull.h"
#include "navigation/efield/placed_coil.h"
#include "navigation/efield/pose_search.h"
#include "navigation/efield/windings.h"
#include "ui/cli/commands.h"
#include "ui/cli/terminal.h"

namespace precentral::cli {
namespace {

constexpr int kTriangles = 2420;
constexpr double kDefaultDidt = 100.0;  // A/µs

struct EfieldArguments {
    std::string coil = "figure8-70";
    std::string pose, head = "sphere", points, scalp;
    std::string store = "precentral-demo/precentral.db";
    std::vector<double> centre;
    std::optional<double> didt_a_per_us, percent_mso;
    double hair_mm = 0.0;
    bool reversed = false;
    bool best_pose = false;
    bool json = false;
};

// What the field is computed in.
struct Conductor {
    std::optional<FittedSphere> sphere;  // given by its centre
    std::optional<SurfaceIndex> scalp;   // for sphere fits and the search
    std::optional<ShellSolver> solver;   // of a case
    std::optional<Surface> inner_skull;
};

// A T1 file, else the code of a case in the record.
HeadModel head_of(const EfieldArguments& a) {
    if (std::filesystem::exists(a.head)) return prepare_head(a.head, cache_dir(), terminal_progress());
    if (a.store.rfind("postgres", 0) != 0 && !std::filesystem::exists(a.store)) {
        throw InputError("\"" + a.head + "\" is neither \"sphere\" nor an image, and there is no record at \"" +
                         a.store + "\" to look the case up in; give its place with --store.");
    }
    const auto store = open_store(a.store);
    const auto images = store->images(a.head);
    if (images.empty()) throw InputError("The case \"" + a.head + "\" has no image in the record.");
    HeadModel head = prepare_head(images.back().path, cache_dir(), terminal_progress());
    if (head.content_sha256 != images.back().content_sha256) {
        throw InputError("The MRI at \"" + images.back().path + "\" is not the one of the case \"" + a.head + "\".");
    }
    return head;
}

Conductor conductor_of(const EfieldArguments& a) {
    Conductor out;
    if (a.head == "sphere") {
        if (!a.scalp.empty()) {
            out.scalp.emplace(read_surface(a.scalp));
        } else {
            out.sphere = FittedSphere{{Eigen::Vector3d::Zero()}, 0.0, 0.0};
            if (!a.centre.empty()) out.sphere->centre = {Eigen::Vector3d(a.centre[0], a.centre[1], a.centre[2])};
        }
        return out;
    }
    HeadModel head = head_of(a);
    out.inner_skull = inner_skull_around(head.brain, kTriangles);
    if (!a.best_pose) out.solver.emplace(*out.inner_skull, terminal_progress());
    out.scalp.emplace(std::move(head.scalp));
    return out;
}

double rate_of(const EfieldArguments& a, const CoilModel& coil) {
    if (a.percent_mso) return precentral::didt_a_per_us(coil, *a.percent_mso);
    return a.didt_a_per_us.value_or(kDefaultDidt);
}

void require_inside_sphere(const FittedSphere& sphere, const CoilModel& coil, const Transform<Scan, Coil>& pose,
                           const std::vector<Point<Scan>>& points) {
    double nearest = 1e300;
    for (const MagneticDipole& d : coil.dipoles) {
        nearest = std::min(nearest, distance_mm(pose * d.position, sphere.centre));
    }
    for (const auto& p : points) {
        if (distance_mm(p, sphere.centre) >= nearest) {
            throw InputError(
                "A point lies farther from the sphere's centre than the coil; the sphere is to hold every "
                "point and no winding. Is the pose in the scan's RAS mm, +z into the head?");
        }
    }
}

std::vector<Point<Scan>> points_of(const std::vector<NamedRow>& rows) {
    std::vector<Point<Scan>> out;
    for (const NamedRow& row : rows) out.push_back({row.xyz});
    return out;
}

void print_field(const EfieldArguments& a) {
    const CoilModel given = coil_from(a.coil);
    const CoilModel coil = a.reversed ? reversed(given) : given;
    const double didt = rate_of(a, coil);
    const auto pose = Transform<Scan, Coil>::checked(read_matrix(a.pose), "\"" + a.pose + "\"");
    const auto rows = read_points(a.points);
    const auto points = points_of(rows);
    if (points.empty()) throw InputError("\"" + a.points + "\" holds no point.");
    const Conductor head = conductor_of(a);
    nlohmann::json fields = nlohmann::json::array();
    FieldOrigin origin;
    double seconds = 0.0;
    std::vector<Eigen::Vector3d> values;
    if (head.solver) {
        const SurfaceIndex index(*head.inner_skull);
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (!(index.closest(points[i]).distance_mm < 0.0)) {
                throw InputError("Point " + std::to_string(i + 1) + " of \"" + a.points +
                                 "\" lies outside the inner skull; the field is known inside.");
            }
        }
        const FittedSphere sphere = sphere_of_shell(*head.inner_skull);
        const SteadyTime began = steady_now();
        const Eigen::Matrix3Xd e = 1e6 * didt * shell_field(*head.solver, sphere, coil, pose, points);
        seconds = seconds_between(began, steady_now());
        for (Eigen::Index i = 0; i < e.cols(); ++i) values.emplace_back(e.col(i));
        origin = {"inner skull",
                  std::string(kShellVersion) + ", " + std::to_string(head.inner_skull->triangles.size()) +
                      " triangles, not compressed",
                  coil.name + " " + coil.version};
    } else {
        const FittedSphere sphere = head.sphere ? *head.sphere : fit_local_sphere(head.scalp->surface(), pose.origin());
        require_inside_sphere(sphere, coil, pose, points);
        if (head.sphere && a.centre.empty()) {
            std::fputs("warning: no --centre and no --scalp were given; the sphere is put at 0, 0, 0 of the scan.\n",
                       stderr);
        }
        const SteadyTime began = steady_now();
        const DipolesAboutSphere dipoles = placed(coil, pose, sphere.centre);
        for (const auto& p : points) {
            values.push_back(1e6 * didt * sphere_field(dipoles, 1e-3 * (p - sphere.centre).xyz));
        }
        seconds = seconds_between(began, steady_now());
        origin = sphere_cortical_field(sphere, {}, coil)->origin();
    }
    if (a.json) {
        nlohmann::json names = nlohmann::json::array();
        for (std::size_t i = 0; i < values.size(); ++i) {
            fields.push_back(to_json(values[i]));
            names.push_back(rows[i].name);
        }
        const nlohmann::json out{{"e_v_per_m", fields},     {"names", names},
                                 {"head", origin.head},     {"head_version", origin.version},
                                 {"coil", origin.coil},     {"coil_source", coil.source},
                                 {"didt_a_per_us", didt},   {"seconds_per_pose", seconds},
                                 {"caution", kFieldCaution}};
        std::printf("%s\n", out.dump(2).c_str());
        return;
    }
    std::printf("point                     E x      E y      E z      |E|  V/m at %.1f A/µs\n", didt);
    for (std::size_t i = 0; i < values.size(); ++i) {
        const std::string name = rows[i].name.empty() ? std::to_string(i + 1) : rows[i].name;
        std::printf("%-20s %8.2f %8.2f %8.2f %8.2f\n", name.c_str(), values[i].x(), values[i].y(), values[i].z(),
                    values[i].norm());
    }
    std::printf("%s; %.3f ms a pose\n%s\n", origin.in_words().c_str(), 1e3 * seconds, kFieldCaution);
}

void print_best_poses(const EfieldArguments& a) {
    const CoilModel given = coil_from(a.coil);
    const CoilModel coil = a.reversed ? reversed(given) : given;
    const double didt = rate_of(a, coil);
    const auto rows = read_points(a.points);
    const Conductor head = conductor_of(a);
    if (!head.scalp) throw InputError("The search needs a scalp: give --scalp MESH, or a case or T1 as --head.");
    std::optional<ShellModes> modes;
    if (head.inner_skull) {
        modes = prepare_shell_modes(*head.inner_skull, points_of(rows), coil, {}, terminal_progress());
    }
    PoseSearchOptions options;
    options.hair_mm = a.hair_mm;
    nlohmann::json out = nlohmann::json::array();
    for (const NamedRow& row : rows) {
        const Point<Scan> target{row.xyz};
        const TargetField field = modes ? TargetField(coil, *modes, target)
                                        : TargetField(coil, fit_local_sphere(head.scalp->surface(), target), target);
        const FoundPose found = strongest_pose(*head.scalp, field, options);
        const double v_per_m = didt * found.v_per_m;
        out.push_back({{"name", row.name},
                       {"pose", to_json(found.scan_from_coil.matrix())},
                       {"v_per_m", v_per_m},
                       {"direction", to_json(found.direction.xyz)},
                       {"didt_a_per_us", didt},
                       {"head", found.origin.head},
                       {"head_version", found.origin.version},
                       {"coil", found.origin.coil},
                       {"caution", kFieldCaution}});
        if (a.json) continue;
        const auto m = found.scan_from_coil.matrix();
        std::printf("%s: %.1f V/m at %.1f A/µs, %s\n", row.name.empty() ? "target" : row.name.c_str(), v_per_m, didt,
                    found.origin.in_words().c_str());
        for (int r = 0; r < 3; ++r) std::printf("  %9.5f %9.5f %9.5f %10.3f\n", m(r, 0), m(r, 1), m(r, 2), m(r, 3));
    }
    if (a.json) {
        std::printf("%s\n", out.dump(2).c_str());
    } else {
        std::printf(
            "The strongest field is not the most effective one: how the handle lies changes the strength by a few "
            "percent only,\nbut muscles answer best to current across the central sulcus (handle back and to the side, "
            "45 degrees).\n%s\n",
            kFieldCaution);
    }
}

}  // namespace

void add_efield(CLI::App& app) {
    auto a = std::make_shared<EfieldArguments>();
    CLI::App* command =
        app.add_subcommand("efield", "The electric field of a coil, and the pose that reaches a target best");
    std::string coils;
    for (const std::string& name : winding_names()) coils += name + ", ";
    command->add_option("--coil", a->coil, coils + "or a .ccd or .tcd file")->capture_default_str();
    CLI::Option* pose = command->add_option("--pose", a->pose,
                                            "Scan from coil, 4x4 row-major JSON, RAS mm: origin on the coil's face, +z "
                                            "into the head, +y away from the handle");
    command->add_option("--head", a->head, "sphere, a case's code, or a T1 image (its inner skull)")
        ->capture_default_str();
    command->add_option("--points", a->points, "name,x,y,z in the scan, RAS mm")->required();
    command->add_option("--scalp", a->scalp,
                        "Sphere: fitted to this surface under the coil (STL, PLY, OBJ, VTP, GIFTI)");
    command->add_option("--centre", a->centre, "Sphere: its centre, x,y,z mm")->expected(3)->delimiter(',');
    CLI::Option* didt =
        command->add_option("--didt", a->didt_a_per_us, "Rate of the coil's current, A/µs (100 if not given)");
    command
        ->add_option("--mso", a->percent_mso,
                     "Instead, % of the stimulator's output, where the coil's maximum is known")
        ->excludes(didt);
    command->add_flag("--reversed", a->reversed, "The current flows the other way round");
    CLI::Option* best =
        command->add_flag("--best-pose", a->best_pose, "For each point, the pose with most field there");
    command->add_option("--hair", a->hair_mm, "With --best-pose: mm between scalp and coil")->needs(best);
    command->add_option("--store", a->store, "Where the case is")->envname("PRECENTRAL_STORE")->capture_default_str();
    command->add_flag("--json", a->json);
    pose->excludes(best);
    command->footer(
        "Examples: precentral efield --pose pose.json --head sphere --centre 0,-15,10 --points m1.csv\n"
        "          precentral efield --coil MagStim_D70.ccd --mso 60 --pose pose.json --head t1.nii.gz --points m1.csv "
        "--json\n"
        "          precentral efield --best-pose --hair 3 --head t1.nii.gz --points target.csv");
    command->callback([a, pose] {
        if (a->best_pose) return print_best_poses(*a);
        if (pose->count() == 0)
            throw InputError("Give the coil's pose with --pose FILE, or --best-pose to look for one.");
        print_field(*a);
    });
}

}  // namespace precentral::cli
