// SPDX-License-Identifier: Apache-2.0
// A cohort of patients who never were, with a known relation of relief to place, so that analyses can be checked.
//
// Shares of responders follow Thomas et al., Eur J Pain 2025;29:e4763, doi:10.1002/ejp.4763: 42 % above 30 % relief
// after four sessions, and two tables reconstructed from its odds ratios (88 of 115 central against 48 of 78
// peripheral, 44 of 52 ischaemic against 18 of 29 haemorrhagic strokes at or above 10 %). The tables are an inference,
// not the authors' data.
#pragma once

#include <Eigen/Core>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "data/records.h"

namespace precentral::cohort {

inline constexpr int kSyntheticSessions = 8;

struct SyntheticSettings {
    int patients = 193;  // who complete the four sessions of the test period; those who stop earlier come on top
    std::uint64_t seed = 1;
    // The planted truth.
    double relief_per_mm = -1.65;      // points of relief a mm between target and own hotspot
    double place_gain = 16.0;          // points of relief for a target at the hand knob
    double place_reach_mm = 8.0;       // its fall-off, one standard deviation of a Gaussian
    bool causes_differ = true;         // shares of responders by cause as in the tables above
    bool informative_drop_out = true;  // who has less relief stops sooner; else by chance alone

    // Nothing relates to relief.
    static SyntheticSettings null_cohort(int patients, std::uint64_t seed);
};

enum class FollowUpEnd { ongoing, relief_lost, implanted };
const char* to_word(FollowUpEnd end);

struct SyntheticPatient {
    std::string code;  // "PRC-" and eight letters or digits, drawn from the seed
    double entry_year = 0.0;
    int age_years = 0;
    bool woman = false;
    bool central = false;
    std::string cause;   // "ischaemic stroke", "haemorrhagic stroke", "spinal cord", …
    std::string region;  // where it hurts: "hand", "face", "leg", "half of body"
    double pain_years = 0.0;
    std::optional<int> depression;  // HADS-D, 0 … 21; sometimes not asked
    double pain_before = 0.0;       // 0 … 10
    Side target_side = Side::left;
    Eigen::Vector3d hotspot_mni = Eigen::Vector3d::Zero();
    Eigen::Vector3d target_mni = Eigen::Vector3d::Zero();
    double distance_mm = 0.0;  // target to own hotspot
    double twist_deg = 0.0;
    double rmt_mso = 0.0;
    int sessions = 0;                                 // attended
    std::array<double, kSyntheticSessions> relief{};  // %, NaN where there was no session
    // From the end of the test period, of those with relief above 30 % then; NaN for the others.
    double followed_years = 0.0;
    FollowUpEnd end = FollowUpEnd::ongoing;
    std::optional<double> implant_relief;  // % under the implant, of those who got one
    bool completed() const { return sessions >= 4; }
};

// Hand, face and leg of the left motor cortex, MNI mm (after Mayka et al., NeuroImage 2006;31:1453,
// doi:10.1016/j.neuroimage.2006.02.004); where synthetic targets lie.
Eigen::Vector3d synthetic_area(const std::string& region);
// Right hemispheres laid on the left.
Eigen::Vector3d laid_on_left(const Eigen::Vector3d& mni);

// Where relief must lie for the shares of responders to come out, found in a large cohort of the same planted truth;
// the same for every seed and number of patients.
struct SyntheticLaw {
    double middle = 0.0;            // mean of what belongs to patients
    std::array<double, 8> level{};  // relief after session 4 of the patient in the middle, a cause
};
SyntheticLaw synthetic_law(const SyntheticSettings& settings);

// In the order of their entry. The same settings give the same cohort. Throws InputError unless 1 <= patients <=
// 1 000 000 and the numbers are finite.
std::vector<SyntheticPatient> synthetic_cohort(const SyntheticSettings& settings);
// The same with the law at hand; for many cohorts of one truth.
std::vector<SyntheticPatient> synthetic_cohort(const SyntheticSettings& settings, const SyntheticLaw& law);

}  // namespace precentral::cohort
