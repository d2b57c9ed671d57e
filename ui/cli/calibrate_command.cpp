// SPDX-License-Identifier: Apache-2.0
// precentral calibrate …: where the stylus' tip is, and where the coil is in its marker body.
#include <cstdio>
#include <memory>
#include <sstream>

#include "data/pose_sequence.h"
#include "data/text_file.h"
#include "registration/block_calibration.h"
#include "registration/coil_calibration.h"
#include "registration/tip_rests.h"
#include "ui/cli/commands.h"
#include "ui/cli/terminal.h"

namespace precentral::cli {
namespace {

struct CalibrateArguments {
    std::string poses, block, touches, landmarks, matrix;
    std::string tool = "Stylus", reference = "Tracker";
    bool json = false;
};

bool is_sequence(const std::string& file) { return file.size() > 4 && file.substr(file.size() - 4) == ".mha"; }

// A header naming m00 … m33 is not asked for: 16 numbers a line, row-major.
std::vector<Eigen::Isometry3d> read_poses(const CalibrateArguments& a) {
    if (is_sequence(a.poses)) return poses_between(read_pose_sequence(a.poses), a.tool, a.reference);
    std::vector<Eigen::Isometry3d> poses;
    std::stringstream in(read_text_file(a.poses));
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
        if (values.empty() && (poses.empty() || line.find_first_not_of(" \t\r") == std::string::npos)) continue;
        const std::string where = "\"" + a.poses + "\", line " + std::to_string(number);
        if (values.size() != 16) throw InputError(where + ": a pose is 16 numbers, the 4x4 matrix row by row.");
        Eigen::Matrix4d m;
        for (int i = 0; i < 16; ++i) m(i / 4, i % 4) = values[static_cast<std::size_t>(i)];
        poses.push_back(rigid_from_matrix(m, where));
    }
    return poses;
}

void print_reasons(Verdict verdict, const std::vector<std::string>& reasons) {
    std::printf("verdict: %s\n", to_word(verdict));
    for (const std::string& reason : reasons) std::printf("  %s\n", reason.c_str());
}

// A recording goes through several dimples, or through the air before and after one.
void calibrate_in_rests(const CalibrateArguments& a) {
    const TipRests r = find_tip_rests(read_poses(a));
    if (a.json) {
        nlohmann::json rests = nlohmann::json::array();
        for (const TipRest& rest : r.rests) {
            rests.push_back({{"first", rest.first},
                             {"last", rest.last},
                             {"at", to_json(rest.at)},
                             {"rms_mm", rest.rms_mm},
                             {"kept", rest.kept}});
        }
        const nlohmann::json out{{"tip_in_stylus", to_json(r.tip_in_body)}, {"rms_mm", r.rms_mm},
                                 {"tip_error_mm", r.tip_error_mm},          {"rests", rests},
                                 {"verdict", to_word(r.verdict)},           {"reasons", r.reasons}};
        std::printf("%s\n", out.dump(2).c_str());
        return;
    }
    std::printf("tip in the stylus' body: (%.3f, %.3f, %.3f) mm, expected error %.2f mm\n", r.tip_in_body.x(),
                r.tip_in_body.y(), r.tip_in_body.z(), r.tip_error_mm);
    for (const TipRest& rest : r.rests) {
        std::printf("  rested at (%.2f, %.2f, %.2f), frames %zu-%zu, wandered %.2f mm\n", rest.at.x(), rest.at.y(),
                    rest.at.z(), rest.first, rest.last, rest.rms_mm);
    }
    print_reasons(r.verdict, r.reasons);
}

void calibrate_stylus(const CalibrateArguments& a) {
    if (is_sequence(a.poses)) return calibrate_in_rests(a);
    const PivotSolution d = solve_pivot(read_poses(a));
    if (a.json) {
        const nlohmann::json out{{"tip_in_stylus", to_json(d.tip_in_body)},
                                 {"rms_mm", d.rms_mm},
                                 {"tip_error_mm", d.tip_error_mm},
                                 {"kept", d.kept},
                                 {"given", d.given},
                                 {"verdict", to_word(d.verdict)},
                                 {"reasons", d.reasons}};
        std::printf("%s\n", out.dump(2).c_str());
        return;
    }
    std::printf("tip in the stylus' body: (%.3f, %.3f, %.3f) mm, expected error %.2f mm\n", d.tip_in_body.x(),
                d.tip_in_body.y(), d.tip_in_body.z(), d.tip_error_mm);
    std::printf("%d of %d poses kept, left over %.2f mm\n", d.kept, d.given, d.rms_mm);
    print_reasons(d.verdict, d.reasons);
}

CoilCalibration coil_from(const CalibrateArguments& a) {
    if (!a.poses.empty()) {
        Transform<Block, Coil> seat;
        if (!a.block.empty()) seat = Transform<Block, Coil>::checked(read_matrix(a.block), "\"" + a.block + "\"");
        std::vector<Transform<CoilBody, Block>> frames;
        for (const Eigen::Isometry3d& pose : read_poses(a)) frames.emplace_back(pose);
        return calibrate_coil_in_block(frames, seat);
    }
    if (a.landmarks.empty()) {
        throw InputError("Give --landmarks, where the marks lie on the coil, beside --touches.");
    }
    return calibrate_coil(in_frame<CoilBody>(read_points(a.touches)), in_frame<Coil>(read_points(a.landmarks)));
}

void calibrate_coil_command(const CalibrateArguments& a) {
    if ((a.poses.empty() ? 0 : 1) + (a.touches.empty() ? 0 : 1) + (a.matrix.empty() ? 0 : 1) != 1) {
        throw InputError("Give one of --poses (in the block), --touches (of the coil's marks) or --matrix (a file).");
    }
    if (!a.matrix.empty()) {
        // Nothing to measure it by: the file's word is taken, its error is not known.
        const auto m = Transform<CoilBody, Coil>::checked(read_matrix(a.matrix), "\"" + a.matrix + "\"").matrix();
        const std::string reason = "Taken from a file: how well it fits this coil was not measured.";
        if (a.json) {
            const nlohmann::json out{{"coil_body_from_coil", to_json(m)},
                                     {"rms_mm", nullptr},
                                     {"centre_error_mm", nullptr},
                                     {"angle_error_deg", nullptr},
                                     {"verdict", "fair"},
                                     {"reasons", {reason}},
                                     {"source", a.matrix}};
            std::printf("%s\n", out.dump(2).c_str());
        } else {
            print_reasons(Verdict::fair, {reason});
        }
        return;
    }
    const CoilCalibration c = coil_from(a);
    if (a.json) {
        const nlohmann::json out{{"coil_body_from_coil", to_json(c.coil_body_from_coil.matrix())},
                                 {"rms_mm", c.rms_mm},
                                 {"centre_error_mm", c.centre_error_mm},
                                 {"angle_error_deg", c.angle_error_deg},
                                 {"verdict", to_word(c.verdict)},
                                 {"reasons", c.reasons},
                                 {"source", a.poses.empty() ? a.touches : a.poses}};
        std::printf("%s\n", out.dump(2).c_str());
        return;
    }
    const Eigen::Matrix4d m = c.coil_body_from_coil.matrix();
    std::printf("coil_body_from_coil\n");
    for (int row = 0; row < 4; ++row) {
        std::printf("  %10.5f %10.5f %10.5f %11.4f\n", m(row, 0), m(row, 1), m(row, 2), m(row, 3));
    }
    std::printf("left over %.2f mm; expected error of the coil's centre %.2f mm, of its direction %.2f°\n", c.rms_mm,
                c.centre_error_mm, c.angle_error_deg);
    print_reasons(c.verdict, c.reasons);
}

}  // namespace

void add_calibrate(CLI::App& app) {
    auto a = std::make_shared<CalibrateArguments>();
    CLI::App* calibrate = app.add_subcommand("calibrate", "Tools: the stylus' tip, the coil in its marker body");
    calibrate->require_subcommand(1);
    CLI::App* pivot = calibrate->add_subcommand("pivot", "The stylus' tip from poses swung about it");
    pivot->add_option("--poses", a->poses, "16 numbers a line, row-major; or a recording (.igs.mha)")->required();
    pivot->add_option("--tool", a->tool, "The stylus' name in a recording")->default_val("Stylus");
    pivot->add_option("--reference", a->reference, "In what the dimples stand still")->default_val("Tracker");
    CLI::App* coil = calibrate->add_subcommand("coil", "Where the coil is in its marker body");
    coil->add_option("--poses", a->poses, "coil_body_from_block while the coil lies in the block, 16 numbers a line");
    coil->add_option("--block", a->block, "block_from_coil: the seat, 4x4 JSON (default: the identity)");
    coil->add_option("--touches", a->touches, "name,x,y,z of the coil's marks as touched, in the marker body");
    coil->add_option("--landmarks", a->landmarks, "name,x,y,z of the marks on the coil");
    coil->add_option("--matrix", a->matrix, "coil_body_from_coil from a file, 4x4 JSON");
    for (CLI::App* tool : {pivot, coil}) tool->add_flag("--json", a->json);
    pivot->callback([a] { calibrate_stylus(*a); });
    coil->callback([a] { calibrate_coil_command(*a); });
}

}  // namespace precentral::cli
