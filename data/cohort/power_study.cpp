// SPDX-License-Identifier: Apache-2.0
#include "data/cohort/power_study.h"

#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/non_central_t.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <limits>

#include "data/cohort/odds_ratio.h"
#include "data/cohort/ranks.h"
#include "data/error.h"

namespace precentral::cohort {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kAlpha = 0.05;

struct Outcomes {
    std::vector<double> relief, distance_mm;
    TwoByTwo pain, stroke;  // responders at 10 %
};

Outcomes outcomes_of(const std::vector<SyntheticPatient>& patients) {
    Outcomes out;
    for (const SyntheticPatient& p : patients) {
        if (!p.completed()) continue;
        out.relief.push_back(p.relief[3]);
        out.distance_mm.push_back(p.distance_mm);
        const bool responds = p.relief[3] >= 10.0;
        ++(p.central ? (responds ? out.pain.a : out.pain.b) : (responds ? out.pain.c : out.pain.d));
        if (p.cause == "ischaemic stroke") ++(responds ? out.stroke.a : out.stroke.b);
        if (p.cause == "haemorrhagic stroke") ++(responds ? out.stroke.c : out.stroke.d);
    }
    return out;
}

// Likelihood-ratio test, as OddsMethod::profile has it; a table without two groups or two outcomes shows nothing.
bool differs(const TwoByTwo& t) {
    const double n = t.a + t.b + t.c + t.d;
    const double rows[] = {static_cast<double>(t.a + t.b), static_cast<double>(t.c + t.d)};
    const double columns[] = {static_cast<double>(t.a + t.c), static_cast<double>(t.b + t.d)};
    const double counts[] = {static_cast<double>(t.a), static_cast<double>(t.b), static_cast<double>(t.c),
                             static_cast<double>(t.d)};
    double g = 0.0;
    for (int i = 0; i < 4; ++i) {
        if (counts[i] > 0.0) g += 2.0 * counts[i] * std::log(counts[i] * n / (rows[i / 2] * columns[i % 2]));
    }
    return chi_square_p(g, 1.0) < kAlpha;
}

double power_of_correlation(double r, int n, double critical) {
    const double degrees = n - 2.0;
    const double away = std::abs(r) / std::sqrt(1.0 - r * r) * std::sqrt(static_cast<double>(n));
    return boost::math::cdf(boost::math::complement(boost::math::non_central_t(degrees, away), critical));
}

double power_of_shares(int n1, double share1, int n2, double share2) {
    const boost::math::binomial first(n1, share1), second(n2, share2);
    double out = 0.0;
    for (int a = 0; a <= n1; ++a) {
        const double pa = boost::math::pdf(first, a);
        if (pa < 1e-12) continue;
        for (int c = 0; c <= n2; ++c) {
            if (differs({a, n1 - a, c, n2 - c})) out += pa * boost::math::pdf(second, c);
        }
    }
    return out;
}

double round_share(int patients, double of_193) { return patients * of_193 / 193.0; }

struct Population {
    double with_distance = 0.0;  // correlation of relief
    double with_place = 0.0;     // with the Gaussian at the hand knob
};

Population population_of(SyntheticSettings s, const SyntheticLaw& law, double fwhm_mm) {
    s.patients = 40000;
    s.seed = 20240607;  // no cohort of the study has it unless asked for; 40 000 patients would not notice
    const auto patients = synthetic_cohort(s, law);
    const Outcomes o = outcomes_of(patients);
    std::vector<double> near;
    const double sd = fwhm_mm / (2.0 * std::sqrt(2.0 * std::log(2.0)));
    for (const SyntheticPatient& p : patients) {
        if (!p.completed()) continue;
        const double away2 = (laid_on_left(p.target_mni) - synthetic_area("hand")).squaredNorm();
        near.push_back(std::exp(-0.5 * away2 / (sd * sd)));
    }
    return {pearson(o.relief, o.distance_mm).r.value, pearson(o.relief, near).r.value};
}

}  // namespace

MapPlaces synthetic_patch() {
    const Eigen::Vector3d hand = synthetic_area("hand");
    const Eigen::Vector3d along = (synthetic_area("face") - synthetic_area("leg")).normalized();
    const Eigen::Vector3d across =
        (Eigen::Vector3d::UnitY() - Eigen::Vector3d::UnitY().dot(along) * along).normalized();
    constexpr int kAlong = 10, kAcross = 5, kWide = 2 * kAcross + 1;
    constexpr double kStep = 4.0;
    std::vector<Eigen::Vector3d> vertices;
    std::vector<std::array<int, 3>> triangles;
    for (int i = -kAlong; i <= kAlong; ++i) {
        for (int j = -kAcross; j <= kAcross; ++j) {
            const int here = static_cast<int>(vertices.size());
            vertices.emplace_back(hand + kStep * i * along + kStep * j * across);
            if (i == kAlong || j == kAcross) continue;
            triangles.push_back({here, here + 1, here + kWide});
            triangles.push_back({here + 1, here + kWide + 1, here + kWide});
        }
    }
    return surface_places(std::move(vertices), triangles);
}

MapPatients map_patients(const std::vector<SyntheticPatient>& patients) {
    MapPatients out;
    for (const SyntheticPatient& p : patients) {
        if (!p.completed()) continue;
        out.target_mni.push_back(p.target_mni);
        out.relief.push_back(p.relief[3]);
        out.responder.push_back(p.relief[3] > 30.0 ? 1.0 : 0.0);
    }
    return out;
}

std::vector<PowerFinding> power_study(const PowerStudySettings& settings, const Progress& progress) {
    if (settings.cohorts < 10 || settings.cohorts > 10000 || settings.patients < 20 || settings.patients > 100000) {
        throw InputError("A study of power needs 10 to 10 000 cohorts of 20 to 100 000 patients.");
    }
    const int n = settings.patients;
    std::vector<PowerFinding> out(3);
    out[0].test = "relief against distance to the own hotspot (Pearson)";
    out[1].test = "central v peripheral, relief of at least 10 % (likelihood ratio)";
    out[2].test = "ischaemic v haemorrhagic, relief of at least 10 % (likelihood ratio)";
    const bool maps = settings.permutations > 0;
    if (maps) {
        out.push_back({"map of relief, largest |t|", 0, 0, 0, kNan, ""});
        out.push_back({"map of relief, threshold-free clusters", 0, 0, 0, kNan, ""});
        out.push_back({"map of responders, largest |t|", 0, 0, 0, kNan, ""});
    }
    const MapPlaces places = synthetic_patch();
    MapSettings map;
    map.permutations = settings.permutations;
    double critical = 0.0;
    for (const bool planted : {true, false}) {
        SyntheticSettings truth;
        if (!planted) truth = SyntheticSettings::null_cohort(n, 1);
        truth.patients = n;
        const SyntheticLaw law = synthetic_law(truth);
        for (int i = 0; i < settings.cohorts; ++i) {
            progress.at((i + (planted ? 0.0 : 1.0) * settings.cohorts) / (2.0 * settings.cohorts),
                        planted ? "cohorts with planted effects" : "cohorts without any effect");
            truth.seed = settings.seed + static_cast<std::uint64_t>(i) + (planted ? 0U : 1'000'000U);
            const auto patients = synthetic_cohort(truth, law);
            const Outcomes o = outcomes_of(patients);
            std::vector<bool> found{pearson(o.relief, o.distance_mm).p < kAlpha, differs(o.pain), differs(o.stroke)};
            if (maps) {
                map.seed = truth.seed;
                map.statistic = MapStatistic::largest_t;
                const TargetMap by_t = target_map(places, map_patients(patients), map);
                map.statistic = MapStatistic::threshold_free;
                const TargetMap by_cluster = target_map(places, map_patients(patients), map);
                found.push_back(by_t.by_relief.smallest_p < kAlpha);
                found.push_back(by_cluster.by_relief.smallest_p < kAlpha);
                found.push_back(by_t.by_response.smallest_p < kAlpha);
                if (planted) critical += by_t.by_relief.critical / settings.cohorts;
            }
            for (std::size_t t = 0; t < found.size(); ++t) {
                if (planted) ++out[t].cohorts;
                if (found[t]) ++(planted ? out[t].found : out[t].found_null);
            }
        }
        if (!planted) continue;
        const Population population = population_of(truth, law, map.fwhm_mm);
        const double single = boost::math::quantile(boost::math::students_t(n - 2.0), 1.0 - 0.5 * kAlpha);
        out[0].predicted = power_of_correlation(population.with_distance, n, single);
        out[0].by = "noncentral t at the correlation of 40 000 patients";
        const auto whole = [n](double of_193) { return static_cast<int>(std::lround(round_share(n, of_193))); };
        out[1].predicted = power_of_shares(whole(115), 88.0 / 115.0, whole(78), 48.0 / 78.0);
        out[2].predicted = power_of_shares(whole(52), 44.0 / 52.0, whole(29), 18.0 / 29.0);
        out[1].by = out[2].by = "exact sum over all tables";
        if (maps) {
            out[3].predicted = power_of_correlation(population.with_place, n, critical);
            out[3].by = "at least: noncentral t at the planted place alone";
        }
    }
    progress.at(1.0, "cohorts studied");
    return out;
}

}  // namespace precentral::cohort
