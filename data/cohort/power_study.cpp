// SPDX-License-Identifier: Apache-2.0
#include "data/cohort/power_study.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/non_central_t.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <limits>

#include "data/cohort/draws.h"
#include "data/cohort/odds_ratio.h"
#include "data/cohort/ranks.h"
#include "data/error.h"
#include "data/session_numbers.h"

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

// Of a t test of the slope on `x`, for n patients drawn again and again from those given: where the predictor is itself
// random, power is the mean over its draws.
double power_of_slope(double r, const std::vector<double>& x, int n, double critical) {
    constexpr int kDraws = 400;
    double mean = 0.0, variance = 0.0;
    for (const double v : x) mean += v / static_cast<double>(x.size());
    for (const double v : x) variance += (v - mean) * (v - mean) / static_cast<double>(x.size());
    const double degrees = n - 2.0, ratio = std::abs(r) / std::sqrt(1.0 - r * r);
    double out = 0.0;
    Draws draws(2);
    for (int i = 0; i < kDraws; ++i) {
        double sum = 0.0, squares = 0.0;
        for (int k = 0; k < n; ++k) {
            const double v = x[draws.below(x.size())] - mean;
            sum += v;
            squares += v * v;
        }
        const double away = ratio * std::sqrt((squares - sum * sum / n) / variance);
        out += boost::math::cdf(boost::math::complement(boost::math::non_central_t(degrees, away), critical)) / kDraws;
    }
    return out;
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

// What a large cohort of the same truth says of the places of a map: how relief and response go with each, and how the
// places go with each other.
struct Population {
    std::vector<int> covered;
    Eigen::MatrixXd gaussians;  // a patient a row, a covered place a column
    Eigen::VectorXd responder;  // a patient
    Eigen::VectorXd relief;     // correlation with the Gaussians, a covered place
    Eigen::MatrixXd among;      // correlations of the Gaussians
};

Population population_of(SyntheticSettings s, const SyntheticLaw& law, const MapPlaces& places,
                         const MapSettings& map) {
    const int n = s.patients;
    s.patients = 40000;
    s.seed = 20240607;  // no cohort of the study has it unless asked for; 40 000 patients would not notice
    const auto patients = synthetic_cohort(s, law);
    Population out;
    const MapPatients targets = map_patients(patients);
    const auto rows = static_cast<Eigen::Index>(targets.relief.size());
    const double sd = map.fwhm_mm / (2.0 * std::sqrt(2.0 * std::log(2.0)));
    std::vector<Eigen::VectorXd> columns;
    for (std::size_t place = 0; place < places.mni.size(); ++place) {
        Eigen::VectorXd near(rows);
        double within = 0.0;
        for (Eigen::Index i = 0; i < rows; ++i) {
            const double away =
                (laid_on_left(targets.target_mni[static_cast<std::size_t>(i)]) - places.mni[place]).norm();
            near[i] = std::exp(-0.5 * away * away / (sd * sd));
            within += away <= map.near_mm ? 1.0 : 0.0;
        }
        if (within / static_cast<double>(rows) * n < map.fewest) continue;
        out.covered.push_back(static_cast<int>(place));
        near.array() -= near.mean();
        columns.push_back(near.normalized());
    }
    Eigen::MatrixXd x(rows, static_cast<Eigen::Index>(columns.size()));
    for (Eigen::Index j = 0; j < x.cols(); ++j) x.col(j) = columns[static_cast<std::size_t>(j)];
    Eigen::VectorXd relief = Eigen::Map<const Eigen::VectorXd>(targets.relief.data(), rows);
    relief.array() -= relief.mean();
    out.relief = x.transpose() * relief.normalized();
    out.responder = Eigen::Map<const Eigen::VectorXd>(targets.responder.data(), rows);
    out.among = x.transpose() * x;
    out.gaussians = std::move(x);
    return out;
}

// Power of the largest statistic of a Gaussian field with those correlations: first its 95 % point where nothing is
// planted, then how often the planted field passes it. No cohort and no permutation enters.
double power_of_field(const Population& population, const Eigen::VectorXd& correlation, int n, const MapPlaces& places,
                      MapStatistic statistic) {
    constexpr int kFields = 10000;
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> parts(population.among);
    const Eigen::MatrixXd root = parts.eigenvectors() * parts.eigenvalues().cwiseMax(0.0).cwiseSqrt().asDiagonal();
    const Eigen::VectorXd middle =
        correlation.array() / (1.0 - correlation.array().square()).sqrt() * std::sqrt(static_cast<double>(n));
    std::vector<bool> keep(places.mni.size(), false);
    std::vector<double> size;
    for (const int place : population.covered) {
        keep[static_cast<std::size_t>(place)] = true;
        size.push_back(places.size[static_cast<std::size_t>(place)]);
    }
    const Neighbours neighbours = among(places.neighbours, keep);
    const auto largest = [&](const Eigen::VectorXd& field) {
        if (statistic == MapStatistic::largest_t) return field.cwiseAbs().maxCoeff();
        const Eigen::VectorXf heights = field.cast<float>();
        return largest_enhanced(std::span<const float>(heights.data(), static_cast<std::size_t>(heights.size())), size,
                                neighbours, {});
    };
    std::vector<double> null, planted;
    Draws draws(1);
    for (int i = 0; i < kFields; ++i) {
        Eigen::VectorXd noise(correlation.size());
        for (double& v : noise) v = draws.normal();
        // Student's t: one estimate of the spread for the whole field.
        double squares = 0.0;
        const int degrees = n - 2;
        for (int k = 0; k < degrees; ++k) {
            const double z = draws.normal();
            squares += z * z;
        }
        const double spread = std::sqrt(squares / degrees);
        noise = root * noise;
        null.push_back(largest(noise / spread));
        planted.push_back(largest((noise + middle) / spread));
    }
    const double critical = quantile(null, 1.0 - kAlpha).value_or(kNan);
    const auto passed = std::count_if(planted.begin(), planted.end(), [&](double v) { return v > critical; });
    return static_cast<double>(passed) / kFields;
}

// The largest |t| of a yes/no outcome over the places is bounded where few patients weigh, unlike that of a Gaussian
// field. So cohorts are drawn from the large one: with outcomes by chance for the 95 % point, with their own for the
// power.
double power_by_drawing(const Population& population, int n) {
    constexpr int kCohorts = 3000;
    const double share = population.responder.mean();
    const Eigen::Index places = population.gaussians.cols();
    std::vector<double> null, planted;
    Draws draws(3);
    Eigen::MatrixXd x(n, places);
    Eigen::MatrixXd y(n, 2);
    for (int i = 0; i < kCohorts; ++i) {
        for (Eigen::Index k = 0; k < n; ++k) {
            const auto row =
                static_cast<Eigen::Index>(draws.below(static_cast<std::uint64_t>(population.responder.size())));
            x.row(k) = population.gaussians.row(row);
            y(k, 0) = draws.chance(share) ? 1.0 : 0.0;
            y(k, 1) = population.responder[row];
        }
        x.rowwise() -= x.colwise().mean().eval();
        y.rowwise() -= y.colwise().mean().eval();
        const Eigen::VectorXd size = x.colwise().norm().transpose();
        for (const Eigen::Index outcome : {0, 1}) {
            // |t| grows with |r|, so r orders as well.
            const Eigen::VectorXd r = (x.transpose() * y.col(outcome)).cwiseQuotient(size) / y.col(outcome).norm();
            (outcome == 0 ? null : planted).push_back(r.cwiseAbs().maxCoeff());
        }
    }
    const double critical = quantile(null, 1.0 - kAlpha).value_or(kNan);
    const auto passed = std::count_if(planted.begin(), planted.end(), [&](double v) { return v > critical; });
    return static_cast<double>(passed) / kCohorts;
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
            }
            for (std::size_t t = 0; t < found.size(); ++t) {
                if (planted) ++out[t].cohorts;
                if (found[t]) ++(planted ? out[t].found : out[t].found_null);
            }
        }
        if (!planted) continue;
        {
            SyntheticSettings large = truth;
            large.patients = 200000;
            large.seed = 20240607;
            const Outcomes o = outcomes_of(synthetic_cohort(large, law));
            const double single = boost::math::quantile(boost::math::students_t(n - 2.0), 1.0 - 0.5 * kAlpha);
            out[0].predicted = power_of_slope(pearson(o.relief, o.distance_mm).r.value, o.distance_mm, n, single);
            out[0].by = "noncentral t at the correlation of 200 000 patients";
        }
        const auto whole = [n](double of_193) { return static_cast<int>(std::lround(round_share(n, of_193))); };
        out[1].predicted = power_of_shares(whole(115), 88.0 / 115.0, whole(78), 48.0 / 78.0);
        out[2].predicted = power_of_shares(whole(52), 44.0 / 52.0, whole(29), 18.0 / 29.0);
        out[1].by = out[2].by = "exact sum over all tables";
        if (!maps) continue;
        const Population population = population_of(truth, law, places, map);
        out[3].predicted = power_of_field(population, population.relief, n, places, MapStatistic::largest_t);
        out[4].predicted = power_of_field(population, population.relief, n, places, MapStatistic::threshold_free);
        out[3].by = out[4].by = "Gaussian fields with the correlations of 40 000 patients";
        out[5].predicted = power_by_drawing(population, n);
        out[5].by = "cohorts drawn from 40 000 patients";
    }
    progress.at(1.0, "cohorts studied");
    return out;
}

}  // namespace precentral::cohort
