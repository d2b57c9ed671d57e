// SPDX-License-Identifier: Apache-2.0
#include "navigation/efield/cortical_field.h"

#include <cmath>
#include <cstdio>

#include "data/error.h"
#include "navigation/efield/placed_coil.h"

namespace precentral {
namespace {

constexpr double kAmperePerSecond = 1e6;  // in 1 A/µs

void require_rate(double didt_a_per_us) {
    if (!std::isfinite(didt_a_per_us)) throw InputError("The rate of the coil's current is not a number.");
}

DipolesAboutSphere driven(const CoilModel& coil, const Transform<Scan, Coil>& scan_from_coil, const Point<Scan>& centre,
                          double didt_a_per_us) {
    DipolesAboutSphere out = placed(coil, scan_from_coil, centre);
    for (Eigen::Vector3d& moment : out.moments) moment *= kAmperePerSecond * didt_a_per_us;
    return out;
}

std::string words_of(const CoilModel& coil) { return coil.name + " " + coil.version; }

class SphereField final : public CorticalField {
public:
    SphereField(std::optional<SphereFollowingCoil> follows, std::optional<FittedSphere> fixed,
                std::vector<Point<Scan>> points, CoilModel coil)
        : follows_(std::move(follows)), points_(std::move(points)), coil_(std::move(coil)) {
        if (fixed) move_to(*fixed);
    }
    const std::vector<Point<Scan>>& points() const override { return points_; }
    void evaluate(const Transform<Scan, Coil>& scan_from_coil, double didt_a_per_us, Vectors3f& field) override {
        require_rate(didt_a_per_us);
        if (follows_ && follows_->follow(scan_from_coil.origin())) move_to(follows_->sphere());
        sphere_field(driven(coil_, scan_from_coil, sphere_.centre, didt_a_per_us), seen_, field);
    }
    FieldOrigin origin() const override {
        char place[96];
        std::snprintf(place, sizeof(place), "%s, centre (%.1f, %.1f, %.1f) mm", kSphereVersion, sphere_.centre.xyz.x(),
                      sphere_.centre.xyz.y(), sphere_.centre.xyz.z());
        return {"sphere", place, words_of(coil_)};
    }

private:
    void move_to(const FittedSphere& sphere) {
        sphere_ = sphere;
        seen_ = seen_from(sphere.centre, points_);
    }
    std::optional<SphereFollowingCoil> follows_;
    std::vector<Point<Scan>> points_;
    CoilModel coil_;
    FittedSphere sphere_;
    Vectors3f seen_;
};

class ShellField final : public CorticalField {
public:
    ShellField(std::shared_ptr<const ShellModes> modes, CoilModel coil)
        : modes_(std::move(modes)),
          coil_(std::move(coil)),
          places_(modes_->shell),
          map_(modes_->coefficients.cast<float>()) {
        seen_ = seen_from(modes_->sphere.centre, modes_->points);
        std::vector<Point<Scan>> places;
        for (const auto& at : places_.at_mm) places.push_back({at});
        seen_places_ = seen_from(modes_->sphere.centre, places);
    }
    const std::vector<Point<Scan>>& points() const override { return modes_->points; }
    void evaluate(const Transform<Scan, Coil>& scan_from_coil, double didt_a_per_us, Vectors3f& field) override {
        require_rate(didt_a_per_us);
        const DipolesAboutSphere dipoles = driven(coil_, scan_from_coil, modes_->sphere.centre, didt_a_per_us);
        sphere_field(dipoles, seen_, field);
        sphere_field(dipoles, seen_places_, at_places_);
        Eigen::MatrixXd through(static_cast<Eigen::Index>(at_places_.size()), 1);
        for (std::size_t i = 0; i < at_places_.size(); ++i) {
            through(static_cast<Eigen::Index>(i), 0) = places_.normals[i].dot(at_places_.at(i));
        }
        const Eigen::VectorXf coefficients = map_ * places_.weighted(through).col(0).cast<float>();
        modes_->modes.add_to({coefficients.data(), coefficients.data() + coefficients.size()}, field);
    }
    FieldOrigin origin() const override {
        return {"inner skull", std::string(kShellVersion) + " " + modes_->key.substr(0, 16), words_of(coil_)};
    }

private:
    std::shared_ptr<const ShellModes> modes_;
    CoilModel coil_;
    ShellPlaces places_;
    Eigen::MatrixXf map_;
    Vectors3f seen_, seen_places_, at_places_;
};

}  // namespace

std::string FieldOrigin::in_words() const { return head + " (" + version + "), coil " + coil; }

std::unique_ptr<CorticalField> sphere_cortical_field(Surface surface, std::vector<Point<Scan>> points, CoilModel coil) {
    return std::make_unique<SphereField>(SphereFollowingCoil(std::move(surface)), std::nullopt, std::move(points),
                                         std::move(coil));
}

std::unique_ptr<CorticalField> sphere_cortical_field(const FittedSphere& sphere, std::vector<Point<Scan>> points,
                                                     CoilModel coil) {
    return std::make_unique<SphereField>(std::nullopt, sphere, std::move(points), std::move(coil));
}

std::unique_ptr<CorticalField> shell_cortical_field(std::shared_ptr<const ShellModes> modes, CoilModel coil) {
    if (modes->coil_version != coil.version) {
        throw InputError("The inner skull was prepared for the coil \"" + modes->coil_name + "\", not for \"" +
                         coil.name + "\"; prepare it for this coil.");
    }
    return std::make_unique<ShellField>(std::move(modes), std::move(coil));
}

}  // namespace precentral
