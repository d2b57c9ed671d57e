// SPDX-License-Identifier: Apache-2.0
#include "registration/surface_posterior.h"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <random>

namespace precentral {
namespace {

constexpr double kFreedom = 5.0;  // of the Student-t proposals
constexpr int kFewestRounds = 2;
constexpr int kMostRounds = 5;
constexpr double kFirstSpread = 1.3;      // of the first proposals against the paraboloid's
constexpr std::size_t kDistances = 8000;  // a round
constexpr std::size_t kFewestPairs = 80;  // a round
constexpr std::size_t kMostPairs = 250;
constexpr double kSmallestMass = 0.01;  // of a mode worth sampling on
constexpr double kEnoughEffective = 70.0;
constexpr double kFewestEffective = 20.0;
// A start says where the head is, if weakly: Student-t of this spread a axis.
constexpr double kStart_mm = 12.0;
constexpr double kStart_deg = 12.0;
constexpr double kOutlierReach_mm = 10.0;
constexpr double kPriorPoints = 8.0;  // weight of the expected noise, in points
constexpr double kRadius_mm = 70.0;   // of a head: turns are counted in mm there
constexpr double kWidest_mm = 40.0;   // a proposal reaches no further

// Share of points lifted off the skin, and how plausible each is: most sessions have few.
constexpr std::array<double, 5> kShares{0.004, 0.03, 0.08, 0.16, 0.3};
constexpr std::array<double, 5> kShareWeights{0.35, 0.35, 0.2, 0.07, 0.03};
constexpr double kInside = 0.1;  // as likely as outside: nothing lifts into the head
constexpr int kScales = 7;

Vector6 motion_between(const Eigen::Isometry3d& to, const Eigen::Isometry3d& from, const Eigen::Vector3d& centre) {
    const Eigen::Isometry3d d = to * from.inverse();
    const Eigen::AngleAxisd turn(d.linear());
    Vector6 out;
    out << turn.angle() * turn.axis(), d * centre - centre;
    return out;
}

// log p(points, fiducials | pose, offset) with noise and share of lifted points summed out.
class Likelihood {
public:
    Likelihood(const std::vector<Point<Head>>& touched, const SurfaceIndex& scalp,
               const std::vector<FiducialPrior>& fiducials, const SurfaceFitOptions& options,
               const std::optional<Eigen::Isometry3d>& start)
        : touched_(touched),
          scalp_(scalp),
          fiducials_(fiducials),
          options_(options),
          start_(start),
          distance_(touched.size()) {
        for (const Point<Head>& p : touched) middle_ += p.xyz / static_cast<double>(touched.size());
        double total = 0.0;
        for (int k = 0; k < kScales; ++k) {
            const double scale = options.surface_sigma_mm * std::pow(2.0, -1.2 + 0.4 * k);
            scale_[static_cast<std::size_t>(k)] = scale;
            // Scaled inverse chi-square of the variance, on a grid even in the logarithm.
            const double u = options.surface_sigma_mm / scale;
            const double weight = std::exp(kPriorPoints * (std::log(u) + 0.5 - 0.5 * u * u));
            scale_weight_[static_cast<std::size_t>(k)] = weight;
            total += weight;
        }
        for (double& w : scale_weight_) w /= total;
    }

    // Also the mean noise at this pose.
    double log_at(const Eigen::Isometry3d& pose, const SurfaceOffsets& offsets, double& noise_mm) {
        for (std::size_t i = 0; i < touched_.size(); ++i) {
            const bool under_hair = !options_.under_hair.empty() && options_.under_hair[i];
            distance_[i] = scalp_.closest({pose * touched_[i].xyz}).distance_mm - offsets.of(under_hair);
        }
        std::array<double, kScales * kShares.size()> logs{};
        std::size_t cell = 0;
        for (const double scale : scale_) {
            std::array<double, kShares.size()> log_sum{};
            std::array<double, kShares.size()> product;
            product.fill(1.0);
            const double top = 1.0 / (scale * std::sqrt(2.0 * std::numbers::pi));
            for (std::size_t i = 0; i < distance_.size(); ++i) {
                const double u = distance_[i] / scale;
                const double normal = top * std::exp(-0.5 * u * u);
                const double lifted = (distance_[i] > 0.0 ? 1.0 : kInside) / kOutlierReach_mm;
                for (std::size_t s = 0; s < kShares.size(); ++s) {
                    product[s] *= (1.0 - kShares[s]) * normal + kShares[s] * lifted;
                }
                if (i % 16 == 15 || i + 1 == distance_.size()) {
                    for (std::size_t s = 0; s < kShares.size(); ++s) {
                        log_sum[s] += std::log(product[s]);
                        product[s] = 1.0;
                    }
                }
            }
            for (const double l : log_sum) logs[cell++] = l;
        }
        const double highest = *std::max_element(logs.begin(), logs.end());
        double sum = 0.0;
        double noise = 0.0;
        cell = 0;
        for (std::size_t k = 0; k < scale_.size(); ++k) {
            for (const double share_weight : kShareWeights) {
                const double p = scale_weight_[k] * share_weight * std::exp(logs[cell++] - highest);
                sum += p;
                noise += p * scale_[k];
            }
        }
        noise_mm = noise / sum;
        double out = highest + std::log(sum);
        for (const FiducialPrior& f : fiducials_) {
            out -= 0.5 * (pose * f.touched.xyz - f.picked.xyz).squaredNorm() / (f.sigma_mm * f.sigma_mm);
        }
        if (start_) {
            const Vector6 off = motion_between(pose, *start_, *start_ * middle_);
            const double q = off.head<3>().squaredNorm() / std::pow(kStart_deg * std::numbers::pi / 180.0, 2) +
                             off.tail<3>().squaredNorm() / (kStart_mm * kStart_mm);
            out -= 0.5 * (kFreedom + 6.0) * std::log1p(q / kFreedom);
        }
        if (options_.offset_sigma_mm > 0.0) {
            out -= 0.5 * std::pow((offsets.all_mm - options_.offset_mm) / options_.offset_sigma_mm, 2);
        }
        if (options_.hair_sigma_mm > 0.0) {
            out -= 0.5 * std::pow((offsets.hair_mm - options_.hair_mm) / options_.hair_sigma_mm, 2);
        }
        return out;
    }

private:
    const std::vector<Point<Head>>& touched_;
    const SurfaceIndex& scalp_;
    const std::vector<FiducialPrior>& fiducials_;
    const SurfaceFitOptions& options_;
    const std::optional<Eigen::Isometry3d>& start_;
    Eigen::Vector3d middle_ = Eigen::Vector3d::Zero();
    std::vector<double> distance_;
    std::array<double, kScales> scale_{};
    std::array<double, kScales> scale_weight_{};
};

// Student-t about a motion; the first six in mm at the head's surface.
struct Proposal {
    Vector8 middle = Vector8::Zero();
    Matrix8 root = Matrix8::Identity();  // of its scale matrix
    double log_det = 0.0;                // of the root
    double weight = 1.0;

    Proposal(const Vector8& m, const Matrix8& scale, int dimensions, double w) : middle(m), weight(w) {
        const Eigen::SelfAdjointEigenSolver<Matrix8> eigen(scale);
        const Vector8 size = eigen.eigenvalues().cwiseMax(1e-8).cwiseMin(kWidest_mm * kWidest_mm).cwiseSqrt();
        root = eigen.eigenvectors() * size.asDiagonal() * eigen.eigenvectors().transpose();
        inverse_ = eigen.eigenvectors() * size.cwiseInverse().asDiagonal() * eigen.eigenvectors().transpose();
        log_det = size.array().log().sum();
        dimensions_ = dimensions;
    }
    // Up to a constant that all proposals share.
    double log_density(const Vector8& x) const {
        const double q = (inverse_ * (x - middle)).squaredNorm();
        return -log_det - 0.5 * (kFreedom + dimensions_) * std::log1p(q / kFreedom);
    }

private:
    Matrix8 inverse_ = Matrix8::Identity();
    int dimensions_ = 6;
};

struct Sample {
    Vector8 motion;
    double log_posterior = 0.0;
    double log_weight = 0.0;
    double noise_mm = 0.0;
};

// Which of pose, offset and hair are asked for; the others have an independent unit place in every matrix.
struct Unknowns {
    bool offset = false;
    bool hair = false;
    bool free(Eigen::Index k) const { return k < 6 || (k == 6 ? offset : hair); }
    int count() const { return 6 + (offset ? 1 : 0) + (hair ? 1 : 0); }
    Matrix8 filled(Matrix8 scale) const {
        for (Eigen::Index k = 6; k < 8; ++k) {
            if (free(k)) continue;
            scale.row(k).setZero();
            scale.col(k).setZero();
            scale(k, k) = 1.0;
        }
        return scale;
    }
};

class Sampler {
public:
    Sampler(Likelihood& likelihood, const PosteriorMode& best, const Unknowns& unknowns)
        : likelihood_(likelihood), best_(best), unknowns_(unknowns) {}

    Eigen::Isometry3d pose_of(const Vector8& motion) const {
        Vector6 m = motion.head<6>();
        m.head<3>() /= kRadius_mm;
        return isometry_of_motion(m, best_.covariance.about.xyz) * best_.scan_from_head;
    }
    SurfaceOffsets offsets_of(const Vector8& motion) const {
        return {best_.offsets.all_mm + motion[6], best_.offsets.hair_mm + motion[7]};
    }

    std::vector<Sample> draw(const std::vector<Proposal>& proposals, std::size_t pairs) {
        std::vector<Sample> out;
        std::uniform_real_distribution<double> uniform(0.0, 1.0);
        for (const Proposal& p : proposals) {
            const auto share = static_cast<std::size_t>(std::lround(p.weight * static_cast<double>(pairs)));
            for (std::size_t i = 0; i < share; ++i) {
                Vector8 z = Vector8::Zero();
                for (Eigen::Index k = 0; k < 8; ++k) z[k] = unknowns_.free(k) ? normal_(random_) : 0.0;
                double chi_square = 0.0;
                for (int k = 0; k < static_cast<int>(kFreedom); ++k) chi_square += std::pow(normal_(random_), 2);
                const Vector8 step = p.root * z * std::sqrt(kFreedom / chi_square);
                for (const double sign : {1.0, -1.0}) out.push_back({p.middle + sign * step, 0.0, 0.0, 0.0});
            }
        }
        double highest = -std::numeric_limits<double>::infinity();
        for (Sample& s : out) {
            s.log_posterior = likelihood_.log_at(pose_of(s.motion), offsets_of(s.motion), s.noise_mm);
            double density = 0.0;
            for (const Proposal& p : proposals) density += p.weight * std::exp(p.log_density(s.motion));
            s.log_weight = s.log_posterior - std::log(std::max(density, 1e-300));
            highest = std::max(highest, s.log_weight);
        }
        for (Sample& s : out) s.log_weight -= highest;
        return out;
    }

private:
    Likelihood& likelihood_;
    const PosteriorMode& best_;
    Unknowns unknowns_;
    std::mt19937 random_{20240607};
    std::normal_distribution<double> normal_{0.0, 1.0};
};

struct Moments {
    Vector8 mean = Vector8::Zero();
    Matrix8 covariance = Matrix8::Zero();
    double noise_mm = 0.0;
    double effective = 0.0;
};

Moments moments_of(const std::vector<Sample>& samples) {
    Moments out;
    double total = 0.0;
    double squares = 0.0;
    for (const Sample& s : samples) {
        const double w = std::exp(s.log_weight);
        total += w;
        squares += w * w;
        out.mean += w * s.motion;
        out.noise_mm += w * s.noise_mm;
    }
    out.mean /= total;
    out.noise_mm /= total;
    out.effective = total * total / squares;
    for (const Sample& s : samples) {
        const Vector8 d = s.motion - out.mean;
        out.covariance += std::exp(s.log_weight) / total * d * d.transpose();
    }
    return out;
}

// Each proposal moved to the samples nearest to it, as important as they are; those without importance are dropped.
std::vector<Proposal> adapted(const std::vector<Proposal>& proposals, const std::vector<Sample>& samples,
                              const Unknowns& unknowns) {
    std::vector<std::vector<Sample>> own(proposals.size());
    double total = 0.0;
    for (const Sample& s : samples) {
        const auto nearer = [&](const Proposal& a, const Proposal& b) {
            return a.log_density(s.motion) < b.log_density(s.motion);
        };
        const auto best = std::max_element(proposals.begin(), proposals.end(), nearer);
        own[static_cast<std::size_t>(best - proposals.begin())].push_back(s);
        total += std::exp(s.log_weight);
    }
    std::vector<Proposal> out;
    double kept = 0.0;
    for (std::size_t k = 0; k < proposals.size(); ++k) {
        double mass = 0.0;
        for (const Sample& s : own[k]) mass += std::exp(s.log_weight) / total;
        if (mass < kSmallestMass) continue;
        const Moments m = moments_of(own[k]);
        const Matrix8 scale = unknowns.filled(m.covariance);
        // Few effective samples know the spread badly: keep a part of what was proposed before.
        const double trust = m.effective / (m.effective + 20.0);
        const Matrix8 before = proposals[k].root * proposals[k].root;
        out.emplace_back(m.mean, trust * scale + (1.0 - trust) * before, unknowns.count(), mass);
        kept += mass;
    }
    for (Proposal& p : out) p.weight /= kept;
    return out;
}

}  // namespace

std::optional<SurfacePosterior> sample_posterior(const std::vector<Point<Head>>& touched, const SurfaceIndex& scalp,
                                                 const std::vector<FiducialPrior>& fiducials,
                                                 const SurfaceFitOptions& options,
                                                 const std::optional<Eigen::Isometry3d>& start,
                                                 const std::vector<PosteriorMode>& modes) {
    if (modes.empty() || touched.empty()) return std::nullopt;
    const Unknowns unknowns{options.offset_sigma_mm > 0.0, options.hair_sigma_mm > 0.0};
    Likelihood likelihood(touched, scalp, fiducials, options, start);
    Sampler sampler(likelihood, modes.front(), unknowns);
    const Eigen::Vector3d centre = modes.front().covariance.about.xyz;

    std::vector<Proposal> proposals;
    for (const PosteriorMode& mode : modes) {
        Vector8 unit = Vector8::Ones();
        unit.head<3>().setConstant(kRadius_mm);
        Vector8 middle = Vector8::Zero();
        middle.head<6>() = motion_between(mode.scan_from_head, modes.front().scan_from_head, centre);
        middle.head<3>() *= kRadius_mm;
        middle[6] = mode.offsets.all_mm - modes.front().offsets.all_mm;
        middle[7] = mode.offsets.hair_mm - modes.front().offsets.hair_mm;
        Matrix8 scale = Matrix8::Zero();
        scale.topLeftCorner<6, 6>() = mode.covariance.matrix;
        scale(6, 6) = 0.25 * options.offset_sigma_mm * options.offset_sigma_mm;
        scale(7, 7) = 0.25 * options.hair_sigma_mm * options.hair_sigma_mm;
        scale = kFirstSpread * kFirstSpread * (unit.asDiagonal() * scale * unit.asDiagonal()).eval();
        proposals.emplace_back(middle, unknowns.filled(scale), unknowns.count(),
                               1.0 / static_cast<double>(modes.size()));
    }

    const std::size_t pairs = std::clamp(kDistances / touched.size(), kFewestPairs, kMostPairs);
    Moments m;
    std::vector<Sample> samples;
    for (int round = 1;; ++round) {
        samples = sampler.draw(proposals, round < kFewestRounds ? pairs / 2 : pairs);
        m = moments_of(samples);
        if (!m.mean.allFinite() || !m.covariance.allFinite()) return std::nullopt;
        if (round == kMostRounds || (round >= kFewestRounds && m.effective > kEnoughEffective)) break;
        proposals = adapted(proposals, samples, unknowns);
    }
    if (m.effective < kFewestEffective) return std::nullopt;

    SurfacePosterior out;
    out.scan_from_head = sampler.pose_of(m.mean);
    out.offsets = sampler.offsets_of(m.mean);
    out.noise_mm = m.noise_mm;
    out.effective_samples = m.effective;
    out.covariance.about.xyz = out.scan_from_head * (modes.front().scan_from_head.inverse() * centre);
    double total = 0.0;
    for (const Sample& s : samples) total += std::exp(s.log_weight);
    for (const Sample& s : samples) {
        const Vector6 d = motion_between(sampler.pose_of(s.motion), out.scan_from_head, out.covariance.about.xyz);
        out.covariance.matrix += std::exp(s.log_weight) / total * d * d.transpose();
    }
    return out;
}

SurfaceFit describe_sampled(const SurfaceSolver& solver, const std::vector<Point<Head>>& touched,
                            const SurfaceIndex& scalp, const std::vector<FiducialPrior>& fiducials,
                            const SurfaceFitOptions& options, const std::optional<Eigen::Isometry3d>& start,
                            const std::vector<SurfaceSolution>& modes) {
    SurfaceFit fit = solver.describe(modes.front());
    if (touched.size() > kMostPointsToSample || !fit.converged) return fit;
    std::vector<PosteriorMode> from;
    from.reserve(modes.size());
    for (const SurfaceSolution& mode : modes) {
        from.push_back({mode.scan_from_head, mode.offsets, solver.describe(mode).covariance});
    }
    const auto posterior = sample_posterior(touched, scalp, fiducials, options, start, from);
    if (!posterior) return fit;
    SurfaceSolution mean = modes.front();
    solver.move(mean, posterior->scan_from_head, posterior->offsets);
    return solver.describe(mean, &posterior->covariance);
}

}  // namespace precentral
