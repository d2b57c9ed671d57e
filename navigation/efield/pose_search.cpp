// SPDX-License-Identifier: Apache-2.0
#include "navigation/efield/pose_search.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>

#include "data/error.h"

namespace precentral {
namespace {

constexpr double kPatchMm = 20.0;
constexpr double kCoarseMm = 4.0;
constexpr double kCoarseDeg = 15.0;
constexpr double kFarthestScalpMm = 60.0;
constexpr std::size_t kStarts = 3;
constexpr double kSame = 0.9995;  // of the field

// A pose by its place (steps of 1/8 mm in the tangent plane of the nearest scalp) and its angle.
struct Candidate {
    int u = 0;
    int v = 0;
    double yaw_deg = 0.0;
    double value = -1.0;
};
constexpr double kStepMm = 0.125;

class Search {
public:
    Search(const SurfaceIndex& scalp, const TargetField& target, const PoseSearchOptions& options)
        : scalp_(scalp), target_(target), options_(options), base_(scalp.closest(target.target())) {
        if (!(options.hair_mm >= 0.0 && options.hair_mm <= 30.0 && options.reach_mm >= 5.0 &&
              options.reach_mm <= 80.0)) {
            throw InputError("Hair is 0 to 30 mm thick, and the coil is searched 5 to 80 mm around the target.");
        }
        if (options_.along && !(options_.along->norm() > 0.0)) {
            throw InputError("The direction along which the field counts has no length.");
        }
        if (distance_mm(base_.point, target.target()) > kFarthestScalpMm) {
            throw InputError("There is no scalp within 60 mm of the target.");
        }
        if (options_.along) options_.along = options_.along->normalized();
        up_ = scalp.patch_normal(base_.point, kPatchMm);
        forward_ = {up_.xyz.unitOrthogonal()};
        side_ = up_.cross(forward_);
    }

    // Values of those that lie on the scalp within reach; others keep −1.
    void measure(std::vector<Candidate>& candidates) {
        std::vector<Transform<Scan, Coil>> poses;
        std::vector<std::size_t> whose;
        for (std::size_t i = 0; i < candidates.size(); ++i) {
            const auto& seat = seat_at(candidates[i].u, candidates[i].v);
            if (!seat) continue;
            poses.push_back(pose_on(*seat, candidates[i].yaw_deg));
            whose.push_back(i);
        }
        Vectors3f field;
        target_.at(poses, field);
        for (std::size_t k = 0; k < poses.size(); ++k) {
            const Eigen::Vector3d e = field.at(k);
            candidates[whose[k]].value = options_.along ? e.dot(options_.along->xyz) : e.norm();
        }
        tried_ += static_cast<int>(poses.size());
    }

    Transform<Scan, Coil> pose(const Candidate& candidate) {
        return pose_on(*seat_at(candidate.u, candidate.v), candidate.yaw_deg);
    }
    int tried() const { return tried_; }

private:
    struct Seat {
        Point<Scan> point;
        Direction<Scan> normal;
    };

    Transform<Scan, Coil> pose_on(const Seat& seat, double yaw_deg) const {
        const Direction<Scan> ahead = (forward_ - forward_.dot(seat.normal) * seat.normal).normalized();
        const double yaw = yaw_deg * std::numbers::pi / 180.0;
        const Direction<Scan> z = -seat.normal;
        const Direction<Scan> y = std::cos(yaw) * ahead + std::sin(yaw) * z.cross(ahead);
        Eigen::Isometry3d out = Eigen::Isometry3d::Identity();
        out.linear().col(0) = y.cross(z).xyz;
        out.linear().col(1) = y.xyz;
        out.linear().col(2) = z.xyz;
        out.translation() = (seat.point + options_.hair_mm * seat.normal).xyz;
        return Transform<Scan, Coil>(out);
    }

    const std::optional<Seat>& seat_at(int u, int v) {
        const auto [entry, fresh] = seats_.try_emplace({u, v});
        const double across = kStepMm * std::hypot(u, v);
        if (fresh && across <= options_.reach_mm) {
            const Point<Scan> above = base_.point + kStepMm * u * forward_ + kStepMm * v * side_ + 20.0 * up_;
            const auto hit = scalp_.first_hit(above, -up_, 20.0 + options_.reach_mm);
            if (hit) {
                const Direction<Scan> normal = scalp_.patch_normal(hit->point, kPatchMm);
                // Where the scalp has turned away by 75° the plane's grid no longer reaches it evenly.
                if (normal.dot(up_) > 0.25) entry->second = Seat{hit->point, normal};
            }
        }
        return entry->second;
    }

    const SurfaceIndex& scalp_;
    const TargetField& target_;
    PoseSearchOptions options_;
    SurfacePoint base_;
    Direction<Scan> up_, forward_, side_;
    std::map<std::pair<int, int>, std::optional<Seat>> seats_;
    int tried_ = 0;
};

bool better(const Candidate& a, const Candidate& b) { return a.value > b.value; }

}  // namespace

Transform<Scan, Coil> coil_on_scalp(const SurfaceIndex& scalp, const Point<Scan>& seat, const Direction<Scan>& forward,
                                    double yaw_deg, double hair_mm) {
    const Direction<Scan> normal = scalp.patch_normal(seat, kPatchMm);
    const Direction<Scan> in_plane = forward - forward.dot(normal) * normal;
    if (!(in_plane.norm() > 1e-6)) throw InputError("The coil cannot point straight out of the head.");
    const double yaw = yaw_deg * std::numbers::pi / 180.0;
    const Direction<Scan> z = -normal;
    const Direction<Scan> ahead = in_plane.normalized();
    const Direction<Scan> y = std::cos(yaw) * ahead + std::sin(yaw) * z.cross(ahead);
    Eigen::Isometry3d out = Eigen::Isometry3d::Identity();
    out.linear().col(0) = y.cross(z).xyz;
    out.linear().col(1) = y.xyz;
    out.linear().col(2) = z.xyz;
    out.translation() = (seat + hair_mm * normal).xyz;
    return Transform<Scan, Coil>(out);
}

FoundPose strongest_pose(const SurfaceIndex& scalp, const TargetField& target, const PoseSearchOptions& options,
                         const Progress& progress) {
    Search search(scalp, target, options);
    std::vector<Candidate> all;
    const int coarse = static_cast<int>(kCoarseMm / kStepMm);
    const int steps = static_cast<int>(options.reach_mm / kCoarseMm);
    for (int i = -steps; i <= steps; ++i) {
        for (int j = -steps; j <= steps; ++j) {
            for (double yaw = 0.0; yaw < 360.0; yaw += kCoarseDeg) all.push_back({i * coarse, j * coarse, yaw, -1.0});
        }
    }
    progress.at(0.1, "coil poses");
    search.measure(all);
    std::sort(all.begin(), all.end(), better);
    // The best, and the next best that are not its neighbours.
    std::vector<Candidate> starts;
    for (const Candidate& c : all) {
        const bool apart = std::none_of(starts.begin(), starts.end(), [&](const Candidate& s) {
            const double turned = std::abs(std::remainder(c.yaw_deg - s.yaw_deg, 360.0));
            return std::hypot(c.u - s.u, c.v - s.v) * kStepMm < 2.5 * kCoarseMm && turned < 2.5 * kCoarseDeg;
        });
        if (c.value >= 0.0 && apart) starts.push_back(c);
        if (starts.size() == kStarts) break;
    }
    if (starts.empty()) throw InputError("No place on the scalp near this target takes a coil.");
    Candidate best = starts.front();
    for (Candidate here : starts) {
        progress.at(0.5, "coil poses");
        int step = coarse / 2;
        double turn = kCoarseDeg / 2.0;
        while (step >= 1) {
            std::vector<Candidate> around;
            for (int i = -1; i <= 1; ++i) {
                for (int j = -1; j <= 1; ++j) {
                    for (int k = -1; k <= 1; ++k) {
                        around.push_back({here.u + i * step, here.v + j * step, here.yaw_deg + k * turn, -1.0});
                    }
                }
            }
            search.measure(around);
            const Candidate& top = *std::min_element(around.begin(), around.end(), better);
            if (top.value > here.value) {
                here = top;
            } else {
                step /= 2;
                turn /= 2.0;
            }
        }
        if (here.value > best.value) best = here;
    }
    // A symmetric coil turned by half a turn brings the same field: the handle goes to the back.
    std::vector<Candidate> turned{{best.u, best.v, best.yaw_deg + 180.0, -1.0}};
    search.measure(turned);
    if (turned[0].value >= kSame * best.value &&
        search.pose(turned[0]).y_axis().xyz.y() > search.pose(best).y_axis().xyz.y()) {
        best = turned[0];
    }
    progress.at(1.0, "coil poses");
    FoundPose out;
    out.scan_from_coil = search.pose(best);
    Vectors3f field;
    target.at({out.scan_from_coil}, field);
    out.v_per_m = best.value;
    out.direction = Direction<Scan>{field.at(0)}.normalized();
    out.poses_tried = search.tried();
    out.origin = target.origin();
    return out;
}

}  // namespace precentral
