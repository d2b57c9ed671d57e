// SPDX-License-Identifier: Apache-2.0
#include "ui/report/record_hash.h"

#include <bit>
#include <cstdint>

#include "data/hash.h"

namespace precentral {

namespace {

// Bytes in one fixed order; lengths before texts, so that no two different records give the same bytes.
class Bytes {
public:
    Bytes& operator<<(std::uint64_t value) {
        for (int shift = 0; shift < 64; shift += 8) {
            bytes_.push_back(static_cast<char>(static_cast<unsigned char>(value >> shift)));
        }
        return *this;
    }
    Bytes& operator<<(std::int64_t value) { return *this << static_cast<std::uint64_t>(value); }
    Bytes& operator<<(int value) { return *this << static_cast<std::int64_t>(value); }
    Bytes& operator<<(bool value) { return *this << static_cast<std::uint64_t>(value ? 1 : 0); }
    Bytes& operator<<(double value) { return *this << std::bit_cast<std::uint64_t>(value); }
    Bytes& operator<<(const std::string& text) {
        *this << static_cast<std::uint64_t>(text.size());
        bytes_ += text;
        return *this;
    }
    Bytes& operator<<(UtcTime time) { return *this << static_cast<std::int64_t>(time.time_since_epoch().count()); }
    Bytes& operator<<(Side side) { return *this << (side == Side::right); }
    template <class F>
    Bytes& operator<<(const Point<F>& p) {
        return *this << p.xyz.x() << p.xyz.y() << p.xyz.z();
    }
    template <class To, class From>
    Bytes& operator<<(const Transform<To, From>& t) {
        const Eigen::Matrix4d m = t.matrix();
        for (int row = 0; row < 4; ++row) {
            for (int column = 0; column < 4; ++column) *this << m(row, column);
        }
        return *this;
    }
    template <class T>
    Bytes& operator<<(const std::optional<T>& value) {
        *this << value.has_value();
        return value ? *this << *value : *this;
    }
    Bytes& operator<<(const Deviation& d) { return *this << d.in_plane_mm << d.gap_mm << d.tilt_deg << d.twist_deg; }
    Bytes& operator<<(const Case& c) {
        return *this << c.code << c.pain_side << c.pain_region << c.aetiology << c.worst_symptom << c.birth_year
                     << c.sex << c.simulated << c.created;
    }
    Bytes& operator<<(const Session& s) {
        const Protocol& p = s.protocol;
        return *this << s.id << s.case_code << s.visit << p.name << p.frequency_hz << p.trains << p.pulses_per_train
                     << p.pause_s << p.intensity_percent_rmt << s.target_side << s.simulated << s.started;
    }
    Bytes& operator<<(const FiducialResidual& f) { return *this << f.name << f.residual_mm << f.left_out_mm; }
    Bytes& operator<<(const RegistrationRecord& r) {
        return *this << r.id << r.session << r.scan_from_head << r.rms_mm << r.fiducials << r.surface_points
                     << r.predicted_rms_mm << r.predicted_p95_mm << r.predicted_angle_deg << r.verdict << r.reasons
                     << r.made;
    }
    Bytes& operator<<(const TouchedLandmark& t) { return *this << t.name << t.point; }
    Bytes& operator<<(const LandmarkTouches& t) {
        return *this << t.id << t.session << t.registration << t.landmarks << t.drift_mm << t.drift_deg << t.verdict
                     << t.reasons << t.made;
    }
    Bytes& operator<<(const TargetRecord& t) {
        return *this << t.id << t.session << t.name << t.side << t.cortex << t.scan_from_coil << t.cortex_mni
                     << t.source << t.made;
    }
    Bytes& operator<<(const HotspotRecord& h) {
        return *this << h.id << h.session << h.muscle << h.cortex << h.scan_from_coil << h.radius95_mm << h.pulses
                     << h.method << h.made;
    }
    Bytes& operator<<(const ThresholdRecord& t) {
        return *this << t.id << t.session << t.muscle << t.rmt_mso << t.low95_mso << t.high95_mso << t.pulses
                     << t.method << t.made;
    }
    Bytes& operator<<(const Pulse& p) {
        return *this << p.id << p.session << std::string(to_word(p.purpose)) << p.sequence << p.train << p.index
                     << p.time << p.device_time_s << p.intensity_mso << p.registration << p.calibration << p.target
                     << p.tracker_from_head << p.tracker_from_coil_body << p.pose_age_ms << p.valid << p.reason
                     << p.scan_from_coil << p.deviation << p.mep_uv << p.mep_latency_ms << p.mep_verdict;
    }
    Bytes& operator<<(const Outcome& o) {
        return *this << o.id << o.session << o.relief_percent << o.relief_days << o.pain_before << o.pain_after
                     << o.worst_symptom_after << o.adverse_events << o.note << o.asked;
    }
    Bytes& operator<<(const SessionEvent& e) { return *this << e.id << e.session << e.kind << e.text << e.time; }
    template <class T>
    Bytes& operator<<(const std::vector<T>& values) {
        *this << static_cast<std::uint64_t>(values.size());
        for (const T& value : values) *this << value;
        return *this;
    }
    const std::string& bytes() const { return bytes_; }

private:
    std::string bytes_;
};

}  // namespace

std::string record_hash(const ReviewInput& review) {
    Bytes bytes;
    bytes << std::string("precentral review record 2") << review.patient
          << static_cast<std::uint64_t>(review.visits.size());
    for (const VisitReview& visit : review.visits) {
        bytes << visit.session << visit.registrations << visit.targets << visit.hotspots << visit.thresholds
              << visit.pulses << visit.outcomes << visit.events << visit.touches;
    }
    return sha256_of(bytes.bytes());
}

}  // namespace precentral
