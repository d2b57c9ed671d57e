// SPDX-License-Identifier: Apache-2.0
#include "data/cohort/synthetic.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "data/cohort/draws.h"
#include "data/error.h"

namespace precentral::cohort {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kFirstYear = 2013.0;
constexpr double kYears = 12.0;
constexpr double kPatientSd = 22.0;  // points of relief between patients, beside what is planted
constexpr double kSessionSd = 12.0;  // and from one session to the next
constexpr double kRespondersAt10 = 136.0 / 193.0;
// How much of the relief of session 4 is reached at each session: 21 % then 40 % in Pommier et al., J Neurosurg 2018,
// doi:10.3171/2017.12.JNS171333.
constexpr std::array<double, kSyntheticSessions> kBuildUp{0.53, 0.72, 0.88, 1.0, 1.06, 1.10, 1.13, 1.15};

struct Cause {
    const char* name;
    bool central;
    double share;       // of the patients
    double responders;  // share at or above 10 % after session 4
};
// Reconstructed (see the header): 52 + 29 strokes and 34 others make 115 central, 78 are peripheral.
constexpr std::array<Cause, 8> kCauses{{{"ischaemic stroke", true, 52.0 / 193.0, 44.0 / 52.0},
                                        {"haemorrhagic stroke", true, 29.0 / 193.0, 18.0 / 29.0},
                                        {"spinal cord", true, 22.0 / 193.0, 26.0 / 34.0},
                                        {"multiple sclerosis", true, 12.0 / 193.0, 26.0 / 34.0},
                                        {"plexus", false, 26.0 / 193.0, 48.0 / 78.0},
                                        {"radiculopathy", false, 22.0 / 193.0, 48.0 / 78.0},
                                        {"nerve injury", false, 18.0 / 193.0, 48.0 / 78.0},
                                        {"trigeminal neuropathy", false, 12.0 / 193.0, 48.0 / 78.0}}};

void require_usable(const SyntheticSettings& settings) {
    if (settings.patients < 1 || settings.patients > 1'000'000) {
        throw InputError("A synthetic cohort has 1 to 1 000 000 patients.");
    }
    if (!std::isfinite(settings.relief_per_mm) || !std::isfinite(settings.place_gain) ||
        !(settings.place_reach_mm > 0.0)) {
        throw InputError("The planted effects of a synthetic cohort are finite numbers, the reach above 0 mm.");
    }
}

double logistic(double x) { return 1.0 / (1.0 + std::exp(-x)); }

const Cause& drawn_cause(Draws& draws) {
    double left = draws.uniform();
    for (const Cause& cause : kCauses) {
        left -= cause.share;
        if (left < 0.0) return cause;
    }
    return kCauses.back();
}

std::string drawn_region(const Cause& cause, Draws& draws) {
    if (std::string(cause.name) == "trigeminal neuropathy") return "face";
    const double u = draws.uniform();
    if (u < 0.45) return "hand";
    if (u < 0.57) return "face";
    return u < 0.82 ? "leg" : "half of body";
}

void draw_place(SyntheticPatient& p, Draws& draws) {
    const Eigen::Vector3d area = synthetic_area(p.region);
    // Along the central sulcus and across it.
    const Eigen::Vector3d along = (synthetic_area("face") - synthetic_area("leg")).normalized();
    const Eigen::Vector3d front = Eigen::Vector3d::UnitY();
    const Eigen::Vector3d across = (front - front.dot(along) * along).normalized();
    const double spread = p.region == "half of body" ? 9.0 : 6.0;
    p.hotspot_mni = area + draws.normal(0.0, spread) * along + draws.normal(0.0, 4.0) * across;
    p.target_mni = p.hotspot_mni + draws.normal(0.0, 5.0) * along + draws.normal(0.0, 5.0) * across;
    p.distance_mm = (p.target_mni - p.hotspot_mni).norm();
    p.target_side = draws.chance(0.6) ? Side::left : Side::right;
    if (p.target_side == Side::left) return;
    p.hotspot_mni.x() = -p.hotspot_mni.x();
    p.target_mni.x() = -p.target_mni.x();
}

struct Drawn {
    SyntheticPatient patient;
    const Cause* cause = nullptr;
    double own = 0.0;  // points of relief that belong to the patient: planted ones and chance
    std::array<double, kSyntheticSessions> of_session{};
    std::array<double, kSyntheticSessions> stay{};  // draws that decide on coming back
};

Drawn drawn_patient(const SyntheticSettings& s, std::uint64_t number) {
    Draws draws(s.seed, number);
    Drawn out;
    SyntheticPatient& p = out.patient;
    constexpr std::string_view kLetters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    p.code = "PRC-";
    for (int i = 0; i < 8; ++i) p.code += kLetters[draws.below(kLetters.size())];
    p.entry_year = draws.between(kFirstYear, kFirstYear + kYears);
    out.cause = &drawn_cause(draws);
    p.cause = out.cause->name;
    p.central = out.cause->central;
    p.region = drawn_region(*out.cause, draws);
    p.age_years = static_cast<int>(std::lround(std::clamp(draws.normal(55.0, 12.0), 18.0, 89.0)));
    p.woman = draws.chance(0.53);
    p.pain_years = std::round(10.0 * std::clamp(std::exp(draws.normal(1.5, 0.7)), 0.3, 40.0)) / 10.0;
    const bool asked = draws.chance(0.93);
    const double depression = std::round(std::clamp(draws.normal(7.5, 3.8), 0.0, 21.0));
    if (asked) p.depression = static_cast<int>(depression);
    p.pain_before = std::round(10.0 * std::clamp(draws.normal(6.8, 1.4), 3.0, 10.0)) / 10.0;
    p.twist_deg = draws.normal(0.0, 6.0);
    p.rmt_mso = std::round(std::clamp(draws.normal(52.0, 9.0), 28.0, 95.0));
    draw_place(p, draws);
    const double away2 = (laid_on_left(p.target_mni) - synthetic_area("hand")).squaredNorm();
    out.own = s.relief_per_mm * p.distance_mm +
              s.place_gain * std::exp(-0.5 * away2 / (s.place_reach_mm * s.place_reach_mm)) +
              draws.normal(0.0, kPatientSd);
    for (double& noise : out.of_session) noise = draws.normal(0.0, kSessionSd);
    for (double& stay : out.stay) stay = draws.uniform();
    return out;
}

// Early stopping looks at how a patient stands against the others of the same cause, so the shares of responders among
// those who complete can be set exactly.
int test_sessions(const SyntheticSettings& s, const Drawn& d, double middle) {
    for (int k = 1; k < 4; ++k) {
        const auto i = static_cast<std::size_t>(k - 1);
        const double standing = s.informative_drop_out ? d.own - middle + d.of_session[i] : 0.0;
        if (d.stay[i] < logistic(-3.3 - 0.03 * standing)) return k;
    }
    return 4;
}

void follow(SyntheticPatient& p, Draws& draws) {
    const double relief = p.relief[3];
    p.followed_years = kNan;
    if (!(relief > 30.0)) return;
    const double until = kFirstYear + kYears + 1.0 - p.entry_year;
    const double lost = draws.exponential(5.0 + 0.05 * (relief - 30.0));
    const double implanted = 0.8 + draws.exponential(9.0);
    p.followed_years = std::round(100.0 * std::min({until, lost, implanted})) / 100.0;
    if (implanted < std::min(until, lost)) {
        p.end = FollowUpEnd::implanted;
        p.implant_relief = std::round(std::clamp(2.0 + 0.85 * relief + draws.normal(0.0, 14.0), -100.0, 100.0));
    } else if (lost < until) {
        p.end = FollowUpEnd::relief_lost;
    }
}

void finish(const SyntheticSettings& s, const SyntheticLaw& law, std::uint64_t number, Drawn& d) {
    SyntheticPatient& p = d.patient;
    const double level = law.level[static_cast<std::size_t>(d.cause - kCauses.data())];
    const auto relief_at = [&](std::size_t k) {
        const double relief = kBuildUp[k] * (level + d.own - law.middle) + d.of_session[k];
        return std::round(std::clamp(relief, -100.0, 100.0));
    };
    p.relief.fill(kNan);
    p.sessions = test_sessions(s, d, law.middle);
    for (int k = 0; k < p.sessions; ++k) p.relief[static_cast<std::size_t>(k)] = relief_at(static_cast<std::size_t>(k));
    while (p.sessions >= 4 && p.sessions < kSyntheticSessions) {
        const auto last = static_cast<std::size_t>(p.sessions - 1);
        const double standing = s.informative_drop_out ? p.relief[last] - 20.0 : 0.0;
        if (d.stay[last] >= logistic(0.6 + 0.04 * standing)) break;
        p.relief[last + 1] = relief_at(last + 1);
        ++p.sessions;
    }
    Draws draws(s.seed ^ 0x5bd1e995U, number);
    follow(p, draws);
    // Some who did not respond are offered an implant all the same.
    if (p.completed() && !p.implant_relief && p.end == FollowUpEnd::ongoing && draws.chance(0.10)) {
        const double relief = p.relief[3];
        p.implant_relief = std::round(std::clamp(2.0 + 0.85 * relief + draws.normal(0.0, 14.0), -100.0, 100.0));
        if (!std::isnan(p.followed_years)) p.end = FollowUpEnd::implanted;
    }
}

}  // namespace

SyntheticSettings SyntheticSettings::null_cohort(int patients, std::uint64_t seed) {
    SyntheticSettings s;
    s.patients = patients;
    s.seed = seed;
    s.relief_per_mm = 0.0;
    s.place_gain = 0.0;
    s.causes_differ = false;
    return s;
}

const char* to_word(FollowUpEnd end) {
    switch (end) {
        case FollowUpEnd::relief_lost: return "relief lost";
        case FollowUpEnd::implanted: return "implanted";
        case FollowUpEnd::ongoing: break;
    }
    return "ongoing";
}

Eigen::Vector3d synthetic_area(const std::string& region) {
    if (region == "face") return {-55.0, -8.0, 38.0};
    if (region == "leg") return {-8.0, -28.0, 70.0};
    return {-37.0, -21.0, 58.0};
}

Eigen::Vector3d laid_on_left(const Eigen::Vector3d& mni) { return {-std::abs(mni.x()), mni.y(), mni.z()}; }

SyntheticLaw synthetic_law(const SyntheticSettings& s) {
    constexpr std::uint64_t kPopulation = 20000, kApart = std::uint64_t{1} << 40U;
    std::vector<Drawn> drawn;
    drawn.reserve(kPopulation);
    SyntheticLaw law;
    static_assert(kCauses.size() == std::tuple_size_v<decltype(law.level)>);
    for (std::uint64_t i = 0; i < kPopulation; ++i) {
        SyntheticSettings fixed = s;
        fixed.seed = 1;  // the law is the same for every seed
        drawn.push_back(drawn_patient(fixed, kApart + i));
        law.middle += drawn.back().own / static_cast<double>(kPopulation);
    }
    std::vector<double> standing;
    for (const Drawn& d : drawn) {
        if (test_sessions(s, d, law.middle) == 4) standing.push_back(d.own - law.middle + d.of_session[3]);
    }
    std::sort(standing.begin(), standing.end());
    for (std::size_t c = 0; c < kCauses.size(); ++c) {
        const double responders = s.causes_differ ? kCauses[c].responders : kRespondersAt10;
        const auto at = static_cast<std::size_t>((1.0 - responders) * static_cast<double>(standing.size() - 1));
        law.level[c] = 9.5 - standing[at];  // reliefs are rounded to 1 %
    }
    return law;
}

std::vector<SyntheticPatient> synthetic_cohort(const SyntheticSettings& settings) {
    require_usable(settings);
    return synthetic_cohort(settings, synthetic_law(settings));
}

std::vector<SyntheticPatient> synthetic_cohort(const SyntheticSettings& settings, const SyntheticLaw& law) {
    require_usable(settings);
    std::vector<SyntheticPatient> out;
    int completed = 0;
    for (std::uint64_t number = 0; completed < settings.patients; ++number) {
        Drawn drawn = drawn_patient(settings, number);
        finish(settings, law, number, drawn);
        if (drawn.patient.completed()) ++completed;
        out.push_back(std::move(drawn.patient));
    }
    std::stable_sort(out.begin(), out.end(),
                     [](const SyntheticPatient& a, const SyntheticPatient& b) { return a.entry_year < b.entry_year; });
    return out;
}

}  // namespace precentral::cohort
