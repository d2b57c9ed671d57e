// SPDX-License-Identifier: Apache-2.0
#include "data/cohort/target_map.h"

#include <Eigen/QR>
#include <algorithm>
#include <boost/math/distributions/non_central_t.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <limits>

#include "data/cohort/draws.h"
#include "data/cohort/synthetic.h"
#include "data/error.h"
#include "data/parallel.h"

namespace precentral::cohort {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr int kBatch = 50;      // permutations in one product of matrices
constexpr double kTie = 1e-5;   // statistics in single precision: closer than this share are equal
constexpr double kFlat = 1e-4;  // norm of a Gaussian's column below which a place tells patients not apart

using FloatMap = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

std::size_t at(Eigen::Index i) { return static_cast<std::size_t>(i); }

// The targets that are known, and which patient each is of.
struct Targets {
    std::vector<std::size_t> patient;
    std::vector<Eigen::Vector3d> mni;
    int mirrored = 0;
};

Targets targets_of(const MapPatients& patients, const MapSettings& settings) {
    const std::size_t n = patients.target_mni.size();
    bool same = patients.relief.size() == n && patients.responder.size() == n;
    for (const Predictor& covariate : patients.covariates) same = same && covariate.values.size() == n;
    if (!same) throw InputError("Targets, relief and covariates differ in length.");
    if (!(settings.fwhm_mm > 0.0) || !(settings.near_mm > 0.0) || settings.fewest < 2) {
        throw InputError("A map needs a width and a radius above 0 mm, and at least 2 patients near a place.");
    }
    require_level(settings.level);
    Targets out;
    for (std::size_t i = 0; i < n; ++i) {
        if (!patients.target_mni[i].allFinite()) continue;
        const bool mirror = settings.lay_on_left && patients.target_mni[i].x() > 0.0;
        out.mirrored += mirror ? 1 : 0;
        out.patient.push_back(i);
        out.mni.push_back(mirror ? laid_on_left(patients.target_mni[i]) : patients.target_mni[i]);
    }
    if (out.mni.empty()) throw InputError("No patient has a target in MNI coordinates, so there is no map.");
    return out;
}

// Gaussians round the chosen targets at the covered places: a row a place, a column a patient.
FloatMap gaussians(const MapPlaces& places, const std::vector<int>& covered, const Targets& targets,
                   const std::vector<std::size_t>& chosen, double fwhm_mm) {
    const double sd = fwhm_mm / (2.0 * std::sqrt(2.0 * std::log(2.0)));
    FloatMap out(static_cast<Eigen::Index>(covered.size()), static_cast<Eigen::Index>(chosen.size()));
    for (Eigen::Index i = 0; i < out.rows(); ++i) {
        const Eigen::Vector3d& place = places.mni[static_cast<std::size_t>(covered[at(i)])];
        for (Eigen::Index j = 0; j < out.cols(); ++j) {
            const double away2 = (targets.mni[chosen[at(j)]] - place).squaredNorm();
            out(i, j) = static_cast<float>(std::exp(-0.5 * away2 / (sd * sd)));
        }
    }
    return out;
}

// One outcome of the patients that have it, with what else is held constant.
struct Model {
    std::vector<std::size_t> chosen;  // among the targets
    Eigen::VectorXd y;                // residual of the outcome beside intercept and covariates
    Eigen::MatrixXd held;             // orthonormal columns: intercept and covariates
    int missing = 0;
    double degrees() const { return static_cast<double>(y.size() - held.cols()) - 1.0; }
};

Model model_of(const Targets& targets, const std::vector<double>& outcome, const std::vector<Predictor>& covariates,
               const char* what) {
    Model out;
    for (std::size_t i = 0; i < targets.patient.size(); ++i) {
        bool complete = std::isfinite(outcome[targets.patient[i]]);
        for (const Predictor& c : covariates) complete = complete && std::isfinite(c.values[targets.patient[i]]);
        complete ? out.chosen.push_back(i) : static_cast<void>(++out.missing);
    }
    const auto n = static_cast<Eigen::Index>(out.chosen.size());
    const auto k = static_cast<Eigen::Index>(covariates.size()) + 1;
    if (n < k + 3) {
        throw InputError("Only " + std::to_string(n) + " patients have a target, " + what +
                         " and the covariates; a map needs more.");
    }
    Eigen::MatrixXd z(n, k);
    out.y.resize(n);
    for (Eigen::Index i = 0; i < n; ++i) {
        const std::size_t patient = targets.patient[out.chosen[at(i)]];
        z(i, 0) = 1.0;
        for (Eigen::Index j = 1; j < k; ++j) z(i, j) = covariates[at(j - 1)].values[patient];
        out.y[i] = outcome[patient];
    }
    for (Eigen::Index j = 1; j < k; ++j) {
        z.col(j).array() -= z.col(j).mean();
        const double norm = z.col(j).norm();
        if (norm > 0.0) z.col(j) /= norm;
    }
    const Eigen::ColPivHouseholderQR<Eigen::MatrixXd> qr(z);
    if (qr.rank() < k) throw InputError("The covariates of the map determine each other or do not vary.");
    out.held = qr.householderQ() * Eigen::MatrixXd::Identity(n, k);
    const double before = (out.y.array() - out.y.mean()).matrix().norm();
    out.y -= out.held * (out.held.transpose() * out.y);
    if (!(out.y.norm() > 1e-9 * std::max(1.0, before))) {
        throw InputError(std::string("There is nothing to map: ") + what + " does not vary beside the covariates.");
    }
    return out;
}

// Rows made orthogonal to what is held constant and of length 1; returns the lengths they had.
Eigen::VectorXd standardise(FloatMap& rows, const Eigen::MatrixXd& held) {
    Eigen::VectorXd norms(rows.rows());
    for (Eigen::Index i = 0; i < rows.rows(); ++i) {
        Eigen::VectorXd row = rows.row(i).transpose().cast<double>();
        row -= held * (held.transpose() * row);
        norms[i] = row.norm();
        rows.row(i) = norms[i] > kFlat ? (row / norms[i]).transpose().cast<float>().eval()
                                       : Eigen::RowVectorXf::Zero(rows.cols()).eval();
    }
    return norms;
}

std::vector<int> covered_places(const std::vector<int>& near, int fewest) {
    std::vector<int> out;
    for (std::size_t i = 0; i < near.size(); ++i) {
        if (near[i] >= fewest) out.push_back(static_cast<int>(i));
    }
    if (out.empty()) {
        throw InputError("No place of the map has " + std::to_string(fewest) +
                         " patients near it; there are too few to say anything.");
    }
    return out;
}

class Relation {
public:
    Relation(const MapPlaces& places, const std::vector<int>& covered, const Targets& targets, Model model,
             const MapSettings& settings)
        : covered_(covered), model_(std::move(model)), settings_(settings), places_(places.mni.size()) {
        rows_ = gaussians(places, covered, targets, model_.chosen, settings.fwhm_mm);
        norms_ = standardise(rows_, model_.held);
        std::vector<bool> keep(places_, false);
        for (const int place : covered) {
            keep[static_cast<std::size_t>(place)] = true;
            size_.push_back(places.size[static_cast<std::size_t>(place)]);
        }
        neighbours_ = among(places.neighbours, keep);
        powers_.extent = places.volume ? 0.5 : 1.0;
    }

    const Model& model() const { return model_; }
    const Eigen::VectorXd& norms() const { return norms_; }

    RelationMap map(const Progress& progress, double from, double to, const char* doing) const {
        RelationMap out;
        out.basis.n = static_cast<int>(model_.y.size());
        out.basis.missing = model_.missing;
        const Eigen::MatrixXf unit = (model_.y / model_.y.norm()).cast<float>();
        const Eigen::MatrixXf observed = t_values(unit);
        const std::vector<double> statistic = statistic_of(observed.col(0));
        std::vector<double> largest = permuted_maxima(progress, from, to, doing);
        std::sort(largest.begin(), largest.end());
        const auto count = static_cast<double>(largest.size());
        const auto rank = static_cast<std::size_t>(std::ceil(settings_.level * (count + 1.0))) - 1;
        out.critical = largest[std::min(rank, largest.size() - 1)];
        out.slope.assign(places_, kNan);
        out.t = out.p = out.slope;
        if (settings_.statistic == MapStatistic::threshold_free) out.enhanced = out.slope;
        double best = -1.0;
        for (std::size_t i = 0; i < covered_.size(); ++i) {
            const auto row = static_cast<Eigen::Index>(i);
            if (!(norms_[row] > kFlat)) continue;
            const auto place = static_cast<std::size_t>(covered_[i]);
            const double size = std::abs(statistic[i]);
            out.t[place] = observed(row, 0);
            out.slope[place] = rows_.row(row).cast<double>().dot(model_.y) / norms_[row];
            if (!out.enhanced.empty()) out.enhanced[place] = statistic[i];
            const auto below = std::lower_bound(largest.begin(), largest.end(), size * (1.0 - kTie));
            out.p[place] = (1.0 + static_cast<double>(largest.end() - below)) / (1.0 + count);
            out.smallest_p = std::min(out.smallest_p, out.p[place]);
            if (size > best) {
                best = size;
                out.best = covered_[i];
            }
        }
        return out;
    }

private:
    // Of outcomes in columns, each orthogonal to what is held and of length 1.
    Eigen::MatrixXf t_values(const Eigen::MatrixXf& outcomes) const {
        Eigen::MatrixXf r = rows_ * outcomes;
        const auto degrees = static_cast<float>(model_.degrees());
        r = r.unaryExpr([degrees](float v) { return v * std::sqrt(degrees / std::max(1e-12F, 1.0F - v * v)); });
        return r;
    }

    std::vector<double> statistic_of(const Eigen::VectorXf& t) const {
        const std::span<const float> heights(t.data(), static_cast<std::size_t>(t.size()));
        if (settings_.statistic == MapStatistic::threshold_free) return enhanced(heights, size_, neighbours_, powers_);
        return {heights.begin(), heights.end()};
    }

    std::vector<double> permuted_maxima(const Progress& progress, double from, double to, const char* doing) const {
        std::vector<double> out(static_cast<std::size_t>(settings_.permutations));
        const int batches = (settings_.permutations + kBatch - 1) / kBatch;
        constexpr int kTurn = 8;  // batches between two looks at whether to stop
        for (int turn = 0; turn < batches; turn += kTurn) {
            progress.at(from + (to - from) * turn / batches, doing);
            for_each_part(std::min(kTurn, batches - turn), [&](int i) { run_batch(turn + i, out); });
        }
        return out;
    }

    void run_batch(int batch, std::vector<double>& out) const {
        const int first = batch * kBatch, count = std::min(kBatch, settings_.permutations - first);
        Eigen::MatrixXf outcomes(model_.y.size(), count);
        for (int i = 0; i < count; ++i) {
            Eigen::VectorXd y = model_.y;
            Draws draws(settings_.seed, static_cast<std::uint64_t>(first + i));
            draws.shuffle(std::span(y.data(), static_cast<std::size_t>(y.size())));
            y -= model_.held * (model_.held.transpose() * y);
            outcomes.col(i) = (y / y.norm()).cast<float>();
        }
        const Eigen::MatrixXf t = t_values(outcomes);
        for (int i = 0; i < count; ++i) {
            const std::span<const float> heights(t.col(i).data(), static_cast<std::size_t>(t.rows()));
            out[static_cast<std::size_t>(first + i)] = settings_.statistic == MapStatistic::threshold_free
                                                           ? largest_enhanced(heights, size_, neighbours_, powers_)
                                                           : static_cast<double>(t.col(i).cwiseAbs().maxCoeff());
        }
    }

    const std::vector<int>& covered_;
    Model model_;
    MapSettings settings_;
    std::size_t places_;
    FloatMap rows_;
    Eigen::VectorXd norms_;
    std::vector<double> size_;
    Neighbours neighbours_;
    EnhancementPowers powers_;
};

std::string method_of(const MapSettings& s, const char* relation) {
    char text[240];
    std::snprintf(
        text, sizeof text, "%s, Gaussian of %g mm full width, %s over the map, %d permutations, seed %llu", relation,
        s.fwhm_mm,
        s.statistic == MapStatistic::threshold_free ? "threshold-free cluster enhancement, maximum" : "maximum of |t|",
        s.permutations, static_cast<unsigned long long>(s.seed));
    return text;
}

CoverageMap coverage_of(const MapPlaces& places, const Targets& targets, const MapPatients& patients,
                        const MapSettings& settings) {
    CoverageMap out;
    out.basis.n = static_cast<int>(targets.mni.size());
    out.basis.missing = static_cast<int>(patients.target_mni.size() - targets.mni.size());
    out.mirrored = targets.mirrored;
    out.near.assign(places.mni.size(), 0);
    for (std::size_t i = 0; i < places.mni.size(); ++i) {
        for (const Eigen::Vector3d& target : targets.mni) {
            if ((target - places.mni[i]).squaredNorm() <= settings.near_mm * settings.near_mm) ++out.near[i];
        }
        if (out.near[i] >= settings.fewest) ++out.covered;
    }
    return out;
}

void add_power(CoverageMap& out, const std::vector<int>& covered, const Relation& relation, const MapSettings& s) {
    namespace bm = boost::math;
    const Model& model = relation.model();
    const double degrees = model.degrees();
    const double sd = model.y.norm() / std::sqrt(static_cast<double>(model.y.size() - model.held.cols()));
    const double critical = bm::quantile(bm::students_t(degrees), 1.0 - 0.5 * s.power_alpha);
    out.power.assign(out.near.size(), kNan);
    for (std::size_t i = 0; i < covered.size(); ++i) {
        const double away = std::abs(s.effect_percent) * relation.norms()[static_cast<Eigen::Index>(i)] / sd;
        // The other tail adds nothing that shows.
        out.power[static_cast<std::size_t>(covered[i])] =
            away > 12.0 ? 1.0 : bm::cdf(bm::complement(bm::non_central_t(degrees, away), critical));
    }
    char text[200];
    std::snprintf(
        text, sizeof text,
        "patients within %g mm; power of one place to show %g points of relief at p %g two-sided, noncentral t",
        s.near_mm, s.effect_percent, s.power_alpha);
    out.basis.method = text;
}

}  // namespace

MapPlaces surface_places(std::vector<Eigen::Vector3d> vertices, std::span<const std::array<int, 3>> triangles) {
    if (vertices.empty() || triangles.empty()) throw InputError("The surface of the map has no triangles.");
    MapPlaces out;
    out.neighbours = neighbours_of(static_cast<int>(vertices.size()), triangles);
    out.size.assign(vertices.size(), 0.0);
    for (const auto& t : triangles) {
        const auto corner = [&](std::size_t i) { return vertices[static_cast<std::size_t>(t[i])]; };
        const double area = 0.5 * (corner(1) - corner(0)).cross(corner(2) - corner(0)).norm();
        for (const int v : t) out.size[static_cast<std::size_t>(v)] += area / 3.0;
    }
    out.mni = std::move(vertices);
    return out;
}

CoverageMap coverage_map(const MapPlaces& places, const MapPatients& patients, const MapSettings& settings) {
    const Targets targets = targets_of(patients, settings);
    CoverageMap out = coverage_of(places, targets, patients, settings);
    const auto covered = covered_places(out.near, settings.fewest);
    const Relation relation(places, covered, targets, model_of(targets, patients.relief, patients.covariates, "relief"),
                            settings);
    add_power(out, covered, relation, settings);
    return out;
}

TargetMap target_map(const MapPlaces& places, const MapPatients& patients, const MapSettings& settings,
                     const Progress& progress) {
    if (settings.permutations < 19 || settings.permutations > 1'000'000) {
        throw InputError("A map needs 19 to 1 000 000 permutations; 5000 are usual.");
    }
    const Targets targets = targets_of(patients, settings);
    TargetMap out;
    out.coverage = coverage_of(places, targets, patients, settings);
    const auto covered = covered_places(out.coverage.near, settings.fewest);

    const Relation by_relief(places, covered, targets,
                             model_of(targets, patients.relief, patients.covariates, "relief"), settings);
    add_power(out.coverage, covered, by_relief, settings);
    Model response = model_of(targets, patients.responder, {}, "the response");
    std::vector<std::size_t> with, without;
    for (const std::size_t i : response.chosen) {
        (patients.responder[targets.patient[i]] > 0.5 ? with : without).push_back(i);
    }
    out.responders = static_cast<int>(with.size());
    out.others = static_cast<int>(without.size());
    const std::size_t n = places.mni.size();
    out.responder_density.assign(n, kNan);
    out.other_density = out.difference = out.responder_density;
    const FloatMap of_with = gaussians(places, covered, targets, with, settings.fwhm_mm);
    const FloatMap of_without = gaussians(places, covered, targets, without, settings.fwhm_mm);
    for (std::size_t i = 0; i < covered.size(); ++i) {
        const auto place = static_cast<std::size_t>(covered[i]);
        const auto row = static_cast<Eigen::Index>(i);
        out.responder_density[place] = 100.0 * of_with.row(row).cast<double>().mean();
        out.other_density[place] = 100.0 * of_without.row(row).cast<double>().mean();
        out.difference[place] = out.responder_density[place] - out.other_density[place];
    }
    const Relation by_response(places, covered, targets, std::move(response), settings);
    out.by_response = by_response.map(progress, 0.0, 0.5, "permuting responders");
    out.by_relief = by_relief.map(progress, 0.5, 1.0, "permuting relief");
    out.by_response.basis.method = method_of(settings, "responder against place, labels permuted");
    out.by_relief.basis.method =
        method_of(settings, patients.covariates.empty()
                                ? "relief against place, relief permuted"
                                : "relief against place beside the covariates, residuals permuted (Freedman-Lane)");
    progress.at(1.0, "maps made");
    return out;
}

}  // namespace precentral::cohort
