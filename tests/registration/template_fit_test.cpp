// SPDX-License-Identifier: Apache-2.0
#include "registration/template_fit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "data/error.h"
#include "tests/registration/synthetic_head.h"

namespace precentral {
namespace {

using namespace testing;  // the project's own test support
using ::testing::Contains;
using ::testing::HasSubstr;

TemplateHead the_template() {
    TemplateHead out;
    out.scalp = synthetic_head(5);
    out.fiducials = true_fiducials();
    return out;
}

// Another person: the template's head stretched, with a shape of its own (smooth, about 3 mm rms), touched in a frame
// of its own.
struct Person {
    Eigen::Vector3d scale;
    Transform<Scan, Head> scan_from_head;
    std::vector<NamedPoint<Head>> fiducials;
    std::vector<Point<Head>> points;
    Point<Head> hotspot;  // where the template's hand area really lies
    Point<Head> on_scalp;
};

Person make_person(const TemplateHead& head, unsigned seed, int count, double shape_mm, double touch_mm,
                   double anatomy_mm) {
    std::mt19937 random(seed);
    std::normal_distribution<double> normal(0.0, 1.0);
    Person out;
    for (int k = 0; k < 3; ++k) out.scale[k] = std::exp(0.05 * normal(random));
    out.scan_from_head = Transform<Scan, Head>(random_pose(random, 180.0, 200.0));
    std::vector<std::pair<Eigen::Vector3d, double>> waves;
    for (int i = 0; i < 6; ++i) waves.emplace_back(random_normal3(random, 1.0 / 35.0), 6.28 * normal(random));
    const Eigen::Vector3d middle(1.0, -12.0, 8.0);
    const auto shaped = [&](const Eigen::Vector3d& u) {
        double bump = 0.0;
        for (const auto& [k, phase] : waves) bump += std::sin(k.dot(u) + phase);
        const Eigen::Vector3d out_of = (u - middle).normalized();
        return Eigen::Vector3d(middle + out.scale.cwiseProduct(u - middle) + shape_mm * bump / std::sqrt(3.0) * out_of);
    };
    const auto in_head = [&](const Eigen::Vector3d& q) { return out.scan_from_head.inverse() * Point<Scan>{q}; };
    for (const auto& f : head.fiducials) {
        out.fiducials.push_back({f.name, in_head(shaped(f.point.xyz) + random_normal3(random, touch_mm))});
    }
    while (static_cast<int>(out.points.size()) < count) {
        const Eigen::Vector3d u = random_normal3(random, 1.0).normalized();
        if (u.z() < -0.2) continue;
        out.points.push_back(in_head(shaped(on_synthetic_head(u).xyz) + random_normal3(random, touch_mm)));
    }
    out.hotspot = in_head(shaped(hand_area().xyz) + random_normal3(random, anatomy_mm));
    out.on_scalp = in_head(shaped(on_synthetic_head(Eigen::Vector3d(-0.5, 0.0, 0.8)).xyz));
    return out;
}

TEST(TemplateFit, IsExactOnTheTemplateItselfStretched) {
    const TemplateHead head = the_template();
    const Person person = make_person(head, 3, 120, 0.0, 0.0, 0.0);
    TemplateFitOptions free;
    free.scale_sigma = 10.0;
    const TemplateFit fit = fit_template(head, person.fiducials, person.points, free);
    for (int k = 0; k < 3; ++k) EXPECT_NEAR(fit.scale[k], person.scale[k], 2e-3);
    EXPECT_LT(fit.rms_mm, 0.1);
    const Point<Scan> hand = fit.scan_from_mni * Point<Mni>{hand_area().xyz};
    EXPECT_LT(distance_mm(fit.scan_from_head.inverse() * hand, person.hotspot), 0.5);
    EXPECT_EQ(fit.scalp.vertices.size(), head.scalp.vertices.size());
}

TEST(TemplateFit, StatesItsErrorHonestly) {
    const TemplateHead head = the_template();
    for (const int count : {0, 40, 150}) {
        double under = 0.0, under_stated = 0.0, on = 0.0, on_stated = 0.0;
        int within = 0;
        constexpr int kRuns = 60;
        for (unsigned seed = 0; seed < kRuns; ++seed) {
            const Person person = make_person(head, 100 + seed, count, 3.0, 1.5, 8.0);
            const TemplateFit fit = fit_template(head, person.fiducials, person.points);
            const Point<Scan> hand = fit.scan_from_mni * Point<Mni>{hand_area().xyz};
            const double error = distance_mm(fit.scan_from_head.inverse() * hand, person.hotspot);
            const TargetError stated = fit.error_of_template_place(hand);
            under += error * error;
            under_stated += stated.rms_mm * stated.rms_mm;
            within += error < stated.p95_mm ? 1 : 0;
            const Point<Scan> skin =
                fit.scan_from_mni * Point<Mni>{on_synthetic_head(Eigen::Vector3d(-0.5, 0.0, 0.8)).xyz};
            on += std::pow(distance_mm(fit.scan_from_head.inverse() * skin, person.on_scalp), 2);
            on_stated += std::pow(fit.error_on_scalp(skin).rms_mm, 2);
            EXPECT_NE(fit.verdict, Verdict::good);
        }
        EXPECT_NEAR(std::sqrt(under_stated / under), 1.0, 0.2) << count;
        EXPECT_GE(within, 53) << count;
        EXPECT_GT(std::sqrt(on_stated / on), 0.75) << count;
        EXPECT_LT(std::sqrt(on_stated / on), 1.6) << count;
        RecordProperty("on_scalp_rms_mm_" + std::to_string(count), std::to_string(std::sqrt(on / kRuns)));
        RecordProperty("stated_over_true_" + std::to_string(count), std::to_string(std::sqrt(under_stated / under)));
    }
}

TEST(TemplateFit, PutsThePublishedHotspotBesideTheVertex) {
    const TemplateHead head = the_template();
    const Person person = make_person(head, 8, 80, 2.0, 1.5, 0.0);
    const TemplateFit fit = fit_template(head, person.fiducials, person.points);
    const SurfaceIndex scalp(fit.scalp);
    const ScalpHotspot left = published_scalp_hotspot(fit, scalp, Side::left);
    const ScalpHotspot right = published_scalp_hotspot(fit, scalp, Side::right);
    EXPECT_NEAR(scalp.closest(left.point).distance_mm, 0.0, 1e-6);
    const Point<Scan> vertex = fit.scan_from_mni * Point<Mni>{{0.0, -18.0, 100.0}};
    EXPECT_LT(left.point.xyz.x(), vertex.xyz.x() - 35.0);
    EXPECT_GT(right.point.xyz.x(), vertex.xyz.x() + 35.0);
    EXPECT_GT(left.rms_mm, 10.0);
    EXPECT_LT(left.rms_mm, 20.0);
    EXPECT_GT(left.anterior_sigma_mm, left.lateral_sigma_mm);
}

TEST(TemplateFit, RefusesAndDoubts) {
    const TemplateHead head = the_template();
    Person person = make_person(head, 9, 60, 2.0, 1.0, 0.0);
    auto wrong = person;
    wrong.fiducials[0].name = "chin";
    EXPECT_THROW(fit_template(head, wrong.fiducials, person.points), InputError);
    wrong = person;
    wrong.fiducials.pop_back();
    EXPECT_THROW(fit_template(head, wrong.fiducials, person.points), InputError);
    wrong = person;
    for (auto& f : wrong.fiducials) f.point.xyz *= 1.5;
    for (auto& p : wrong.points) p.xyz *= 1.5;
    const TemplateFit odd = fit_template(head, wrong.fiducials, wrong.points);
    EXPECT_EQ(odd.verdict, Verdict::poor);
    EXPECT_THAT(odd.reasons, Contains(HasSubstr("check the fiducials and the units")));
    EXPECT_THAT(fit_template(head, person.fiducials, {}).reasons, Contains(HasSubstr("Only 0 scalp points")));
}

}  // namespace
}  // namespace precentral
