// SPDX-License-Identifier: Apache-2.0
#include "imaging/ten_twenty.h"

#include <array>
#include <cmath>
#include <cstdio>

#include "data/error.h"
#include "imaging/tape.h"

namespace precentral {
namespace {

using Eigen::Vector3d;

constexpr double kFarthestFromScalpMm = 15.0;
constexpr double kNormalRadiusMm = 10.0;
constexpr double kStillMm = 0.02;

// What a head measures between its landmarks, straight: a newborn's to the largest adult's.
constexpr double kEarsApartMm[] = {70.0, 220.0};
constexpr double kFrontToBackMm[] = {85.0, 270.0};

Point<Scan> seated(const SurfaceIndex& scalp, const Point<Scan>& p, const char* name) {
    if (!p.xyz.allFinite()) throw InputError(std::string("The ") + name + " has a coordinate that is not a number.");
    const SurfacePoint on = scalp.closest(p);
    if (std::abs(on.distance_mm) > kFarthestFromScalpMm) {
        std::array<char, 120> text{};
        std::snprintf(text.data(), text.size(), "The %s is %.0f mm away from the scalp; pick it again.", name,
                      std::abs(on.distance_mm));
        throw InputError(text.data());
    }
    return on.point;
}

void require_apart(const Point<Scan>& a, const Point<Scan>& b, const double (&range)[2], const char* names) {
    const double apart_mm = distance_mm(a, b);
    if (apart_mm >= range[0] && apart_mm <= range[1]) return;
    std::array<char, 160> text{};
    std::snprintf(text.data(), text.size(), "The %s are %.0f mm apart, which no head is (%.0f to %.0f mm).", names,
                  apart_mm, range[0], range[1]);
    throw InputError(text.data());
}

TapeLandmarks checked(const SurfaceIndex& scalp, const TapeLandmarks& given) {
    TapeLandmarks out;
    out.nasion = seated(scalp, given.nasion, "nasion");
    out.inion = seated(scalp, given.inion, "inion");
    out.left_preauricular = seated(scalp, given.left_preauricular, "left preauricular point");
    out.right_preauricular = seated(scalp, given.right_preauricular, "right preauricular point");
    require_apart(out.left_preauricular, out.right_preauricular, kEarsApartMm, "preauricular points");
    require_apart(out.nasion, out.inion, kFrontToBackMm, "nasion and the inion");
    const Vector3d to_right = (out.right_preauricular - out.left_preauricular).normalized().xyz;
    const Vector3d to_front = (out.nasion - out.inion).normalized().xyz;
    if (std::abs(to_right.dot(to_front)) > 0.5) {
        throw InputError("The line between the ears and the line from nasion to inion do not cross at a right angle.");
    }
    if (to_right.x() < 0.0 && to_front.y() > 0.0) {
        throw InputError("The left and the right preauricular point are exchanged.");
    }
    if (to_front.y() < 0.0 && to_right.x() > 0.0) throw InputError("The nasion and the inion are exchanged.");
    // Where each foot of a perpendicular falls: a landmark at the end of the other line is no landmark.
    const Vector3d ears = 0.5 * (out.left_preauricular.xyz + out.right_preauricular.xyz);
    const double share = to_front.dot(ears - out.inion.xyz) / distance_mm(out.nasion, out.inion);
    if (share < 0.15 || share > 0.85) {
        throw InputError("The preauricular points do not lie between the nasion and the inion.");
    }
    const Vector3d middle = 0.5 * (out.nasion.xyz + out.inion.xyz);
    const double sideways = to_right.dot(middle - ears) / distance_mm(out.left_preauricular, out.right_preauricular);
    if (std::abs(sideways) > 0.25) throw InputError("The nasion and the inion do not lie in the midline of the head.");
    return out;
}

// The crown straight above the middle of the landmarks.
Point<Scan> above_middle(const SurfaceIndex& scalp, const TapeLandmarks& l) {
    const Point<Scan> middle{0.25 * (l.nasion.xyz + l.inion.xyz + l.left_preauricular.xyz + l.right_preauricular.xyz)};
    const Direction<Scan> up = (l.right_preauricular - l.left_preauricular).cross(l.nasion - l.inion).normalized();
    constexpr double kHighMm = 400.0;
    const auto crown = scalp.first_hit(middle + kHighMm * up, -up, kHighMm);
    if (!crown) throw InputError("There is no scalp above the nasion, the inion and the preauricular points.");
    return crown->point;
}

constexpr const char* kSagittal = "The line from nasion to inion";
constexpr const char* kCoronal = "The line from ear to ear";

Point<Scan> vertex_of(const SurfaceIndex& scalp, const TapeLandmarks& l) {
    Point<Scan> vertex = above_middle(scalp, l);
    for (int round = 0; round < 50; ++round) {
        const Point<Scan> began = vertex;
        const Tape sagittal = lay_tape(scalp.surface(), l.nasion, vertex, l.inion, kSagittal);
        vertex = scalp.closest(sagittal.at(0.5)).point;
        const Tape coronal = lay_tape(scalp.surface(), l.left_preauricular, vertex, l.right_preauricular, kCoronal);
        vertex = scalp.closest(coronal.at(0.5)).point;
        if (distance_mm(began, vertex) < kStillMm) break;
    }
    return vertex;
}

class Sites {
public:
    explicit Sites(const SurfaceIndex& scalp) : scalp_(scalp) {}

    Point<Scan> add(const char* name, const Point<Scan>& near, bool of_ten_twenty) {
        const Point<Scan> on = scalp_.closest(near).point;
        out_.push_back({name, on, scalp_.patch_normal(on, kNormalRadiusMm), of_ten_twenty});
        return on;
    }
    const Point<Scan>& operator[](const char* name) const { return site_named(out_, name).point; }
    std::vector<ScalpSite> take() { return std::move(out_); }

    struct Step {
        const char* name;
        double share;
        bool of_ten_twenty;
    };
    template <std::size_t N>
    void along(const Tape& tape, const std::array<Step, N>& steps) {
        for (const Step& step : steps) add(step.name, tape.at(step.share), step.of_ten_twenty);
    }
    // From a site of the circumference over the midline to its counterpart: three sites a side, evenly.
    struct Row {
        const char *left, *middle, *right;
        std::array<const char*, 6> between;
        bool half_way_of_ten_twenty;
    };
    void row(const Row& row) {
        const std::string what = std::string("The row ") + row.left + " to " + row.right;
        const Tape tape = lay_tape(scalp_.surface(), (*this)[row.left], (*this)[row.middle], (*this)[row.right], what);
        // The middle of the row is the midline's site, not half of the row's length.
        const double middle = share_of(tape, (*this)[row.middle]);
        for (std::size_t i = 0; i < 6; ++i) {
            const double quarter = i < 3 ? static_cast<double>(i + 1) / 4.0 : static_cast<double>(i - 2) / 4.0;
            const double share = i < 3 ? quarter * middle : middle + quarter * (1.0 - middle);
            if (row.between[i] == nullptr) continue;
            add(row.between[i], tape.at(share), row.half_way_of_ten_twenty && (i == 1 || i == 4));
        }
    }
    static double share_of(const Tape& tape, const Point<Scan>& p) {
        double best = 1e300;
        double share = 0.5;
        for (std::size_t i = 0; i + 1 < tape.points.size(); ++i) {
            const Direction<Scan> along = tape.points[i + 1] - tape.points[i];
            const double t = std::clamp(along.dot(p - tape.points[i]) / along.dot(along), 0.0, 1.0);
            const double away = distance_mm(p, tape.points[i] + t * along);
            if (away >= best) continue;
            best = away;
            share = (tape.along_mm[i] + t * along.norm()) / tape.length_mm();
        }
        return share;
    }

private:
    const SurfaceIndex& scalp_;
    std::vector<ScalpSite> out_;
};

}  // namespace

std::vector<ScalpSite> ten_twenty_sites(const SurfaceIndex& scalp, const TapeLandmarks& landmarks) {
    using Step = Sites::Step;
    const TapeLandmarks l = checked(scalp, landmarks);
    Sites sites(scalp);
    const Point<Scan> vertex = sites.add("Cz", vertex_of(scalp, l), true);
    const Surface& surface = scalp.surface();
    sites.along(lay_tape(surface, l.nasion, vertex, l.inion, kSagittal), std::array<Step, 8>{{{"Fpz", 0.1, true},
                                                                                              {"AFz", 0.2, false},
                                                                                              {"Fz", 0.3, true},
                                                                                              {"FCz", 0.4, false},
                                                                                              {"CPz", 0.6, false},
                                                                                              {"Pz", 0.7, true},
                                                                                              {"POz", 0.8, false},
                                                                                              {"Oz", 0.9, true}}});
    sites.along(lay_tape(surface, l.left_preauricular, vertex, l.right_preauricular, kCoronal),
                std::array<Step, 8>{{{"T7", 0.1, true},
                                     {"C5", 0.2, false},
                                     {"C3", 0.3, true},
                                     {"C1", 0.4, false},
                                     {"C2", 0.6, false},
                                     {"C4", 0.7, true},
                                     {"C6", 0.8, false},
                                     {"T8", 0.9, true}}});
    const auto half_circle = [&](const char* over, const std::array<const char*, 8>& names) {
        const Tape tape = lay_tape(surface, sites["Fpz"], sites[over], sites["Oz"],
                                   std::string("The line around the head over ") + over);
        // T7 and T8 stand where the coronal line put them; each quarter is divided in five.
        const double middle = Sites::share_of(tape, sites[over]);
        for (std::size_t i = 0; i < 8; ++i) {
            const double fifth = static_cast<double>(i % 4 + 1) / 5.0;
            const bool of_ten_twenty = i == 0 || i == 2 || i == 5 || i == 7;
            sites.add(names[i], tape.at(i < 4 ? fifth * middle : middle + fifth * (1.0 - middle)), of_ten_twenty);
        }
    };
    half_circle("T7", {"Fp1", "AF7", "F7", "FT7", "TP7", "P7", "PO7", "O1"});
    half_circle("T8", {"Fp2", "AF8", "F8", "FT8", "TP8", "P8", "PO8", "O2"});
    sites.row({"AF7", "AFz", "AF8", {nullptr, "AF3", nullptr, nullptr, "AF4", nullptr}, false});
    sites.row({"F7", "Fz", "F8", {"F5", "F3", "F1", "F2", "F4", "F6"}, true});
    sites.row({"FT7", "FCz", "FT8", {"FC5", "FC3", "FC1", "FC2", "FC4", "FC6"}, false});
    sites.row({"TP7", "CPz", "TP8", {"CP5", "CP3", "CP1", "CP2", "CP4", "CP6"}, false});
    sites.row({"P7", "Pz", "P8", {"P5", "P3", "P1", "P2", "P4", "P6"}, true});
    sites.row({"PO7", "POz", "PO8", {nullptr, "PO3", nullptr, nullptr, "PO4", nullptr}, false});
    return sites.take();
}

const ScalpSite& site_named(const std::vector<ScalpSite>& sites, const std::string& name) {
    for (const ScalpSite& site : sites) {
        if (site.name == name) return site;
    }
    throw InputError("There is no 10-20 site called \"" + name + "\".");
}

}  // namespace precentral
