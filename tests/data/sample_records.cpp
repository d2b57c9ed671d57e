// SPDX-License-Identifier: Apache-2.0
#include "sample_records.h"

#include <cmath>
#include <cstdio>
#include <limits>

namespace precentral {
namespace {

// Appends a value, readable and exact: numbers in hexadecimal. A record is taken apart by structured bindings, so that
// a member added later without its place here does not compile.
class Bits {
public:
    template <class... T>
    static std::string of(const T&... members) {
        Bits bits;
        (bits.put(members), ...);
        return bits.out_;
    }

private:
    void put(double v) {
        char text[40];
        std::snprintf(text, sizeof text, "%a ", v);
        out_ += text;
    }
    template <class T>
    requires std::is_integral_v<T> || std::is_enum_v<T>
    void put(const T& v) { out_ += std::to_string(static_cast<long long>(v)) + " "; }
    void put(const std::string& v) { out_ += std::to_string(v.size()) + ":'" + v + "' "; }
    void put(const UtcTime& v) { put(v.time_since_epoch().count()); }
    void put(const Eigen::Vector3d& v) {
        for (int i = 0; i < 3; ++i) put(v[i]);
    }
    void put(const Eigen::Matrix4d& v) {
        for (int i = 0; i < 16; ++i) put(v(i / 4, i % 4));
    }
    template <class F>
    void put(const Point<F>& v) {
        put(v.xyz);
    }
    template <class To, class From>
    void put(const Transform<To, From>& v) {
        put(Eigen::Matrix4d(v.matrix()));
    }
    template <class To, class From>
    void put(const AffineMap<To, From>& v) {
        put(Eigen::Matrix4d(v.matrix()));
    }
    void put(const Protocol& v) {
        const auto& [name, frequency, trains, pulses, pause, intensity] = v;
        out_ += of(name, frequency, trains, pulses, pause, intensity);
    }
    void put(const Deviation& v) {
        const auto& [in_plane, gap, tilt, twist] = v;
        out_ += of(in_plane, gap, tilt, twist);
    }
    void put(const TouchedLandmark& v) {
        put(v.name);
        put(v.point);
    }
    void put(const FiducialResidual& v) {
        const auto& [name, residual, left_out] = v;
        out_ += of(name, residual, left_out);
    }
    template <class T>
    void put(const std::optional<T>& v) {
        put(v.has_value());
        if (v) put(*v);
    }
    template <class T>
    void put(const std::vector<T>& v) {
        put(v.size());
        for (const T& one : v) put(one);
    }
    template <class T, std::size_t n>
    void put(const std::array<T, n>& v) {
        for (const T& one : v) put(one);
    }

    std::string out_;
};

}  // namespace

std::string bits_of(const Case& r) {
    const auto& [code, side, region, aetiology, symptom, birth, sex, simulated, created] = r;
    return Bits::of(code, side, region, aetiology, symptom, birth, sex, simulated, created);
}
std::string bits_of(const ImageRecord& r) {
    const auto& [id, code, sha, path, dims, spacing, affine, added] = r;
    return Bits::of(id, code, sha, path, dims, spacing, affine, added);
}
std::string bits_of(const Session& r) {
    const auto& [id, code, visit, protocol, side, simulated, started] = r;
    return Bits::of(id, code, visit, protocol, side, simulated, started);
}
std::string bits_of(const RegistrationRecord& r) {
    const auto& [id, session, pose, rms, fiducials, points, p_rms, p95, angle, verdict, reasons, made] = r;
    return Bits::of(id, session, pose, rms, fiducials, points, p_rms, p95, angle, verdict, reasons, made);
}
std::string bits_of(const LandmarkTouches& r) {
    const auto& [id, session, registration, landmarks, mm, deg, verdict, reasons, made] = r;
    return Bits::of(id, session, registration, landmarks, mm, deg, verdict, reasons, made);
}
std::string bits_of(const CoilCalibrationRecord& r) {
    const auto& [id, session, name, pose, source, rms, made] = r;
    return Bits::of(id, session, name, pose, source, rms, made);
}
std::string bits_of(const TargetRecord& r) {
    const auto& [id, session, name, side, cortex, pose, mni, source, made] = r;
    return Bits::of(id, session, name, side, cortex, pose, mni, source, made);
}
std::string bits_of(const HotspotRecord& r) {
    const auto& [id, session, muscle, cortex, pose, radius, pulses, method, made] = r;
    return Bits::of(id, session, muscle, cortex, pose, radius, pulses, method, made);
}
std::string bits_of(const ThresholdRecord& r) {
    const auto& [id, session, muscle, rmt, low, high, pulses, method, made] = r;
    return Bits::of(id, session, muscle, rmt, low, high, pulses, method, made);
}
std::string bits_of(const Pulse& r) {
    const auto& [id, session, purpose, sequence, train, index, time, device_time, count, intensity, registration,
                 calibration, target, head, coil_body, age, valid, reason, pose, deviation, mep, latency, verdict] = r;
    return Bits::of(id, session, purpose, sequence, train, index, time, device_time, count, intensity, registration,
                    calibration, target, head, coil_body, age, valid, reason, pose, deviation, mep, latency, verdict);
}
std::string bits_of(const Outcome& r) {
    const auto& [id, session, relief, days, before, after, worst, adverse, note, asked] = r;
    return Bits::of(id, session, relief, days, before, after, worst, adverse, note, asked);
}
std::string bits_of(const SessionEvent& r) {
    const auto& [id, session, kind, text, time] = r;
    return Bits::of(id, session, kind, text, time);
}

double SampleRecords::number() {
    const double mantissa = std::uniform_real_distribution<double>(-1.0, 1.0)(random_);
    switch (whole(0, 19)) {
        case 0: return 0.0;
        case 1: return 1.0 / 3.0;
        case 2: return mantissa * 1e300;
        case 3: return mantissa * 1e-300;
        case 4: return std::numeric_limits<double>::denorm_min();
        case 5: return std::numeric_limits<double>::max();
        case 6: return 3.0;
        case 7: return 1e15 + 0.3;
        default: return mantissa * 200.0;
    }
}

std::string SampleRecords::text() {
    static const std::string kTexts[] = {
        "",
        "burning",
        "don't; DROP TABLE cases; --",
        "\"quoted\" \\ back\\\\slash \\' \\0 \\n",
        "two\nlines\r\nand\ta tab",
        "dégoûtant ñ 日本語 🧠🩹 e\u0301",
        "? $1 :name %1 %s {0} @x",
        " leading and trailing ",
        "NULL",
        std::string(3000, 'x') + "'",
    };
    return kTexts[whole(0, 9)];
}

UtcTime SampleRecords::time() {
    return UtcTime(std::chrono::milliseconds(
        std::uniform_int_distribution<std::int64_t>(-2'000'000'000'000, 5'000'000'000'000)(random_)));
}

Eigen::Isometry3d SampleRecords::pose() {
    std::normal_distribution<double> normal;
    Eigen::Isometry3d out = Eigen::Isometry3d::Identity();
    out.linear() = Eigen::Quaterniond(normal(random_), normal(random_), normal(random_), normal(random_))
                       .normalized()
                       .toRotationMatrix();
    out.translation() = Eigen::Vector3d(number(), number(), -0.0);
    return out;
}

Case SampleRecords::patient(bool full) {
    Case r;
    r.code = "PRC-" + std::to_string(whole(10'000'000, 99'999'999));
    r.pain_side = side();
    r.pain_region = text();
    r.aetiology = text();
    r.worst_symptom = text();
    if (full) r.birth_year = whole(1900, 2020);
    r.sex = full ? "woman" : "";
    r.simulated = coin();
    r.created = time();
    return r;
}

ImageRecord SampleRecords::image(const std::string& case_code) {
    ImageRecord r;
    r.case_code = case_code;
    r.content_sha256 = std::string(64, 'a');
    r.path = text();
    r.dims = {whole(1, 512), whole(1, 512), whole(1, 512)};
    r.spacing_mm = {number(), number(), number()};
    Eigen::Affine3d affine = Eigen::Affine3d::Identity();
    affine.linear() = Eigen::Matrix3d::NullaryExpr([&](Eigen::Index, Eigen::Index) { return number(); });
    affine.translation() = r.spacing_mm;
    r.scan_from_voxel = AffineMap<Scan, Voxel>(affine);
    r.added = time();
    return r;
}

Session SampleRecords::session(const std::string& case_code) {
    Session r;
    r.case_code = case_code;
    r.visit = whole(1, 40);
    r.protocol = {text(), number(), whole(0, 60), whole(0, 2000), number(), number()};
    r.target_side = side();
    r.simulated = coin();
    r.started = time();
    return r;
}

RegistrationRecord SampleRecords::registration(RecordId session, bool full) {
    RegistrationRecord r;
    r.session = session;
    r.scan_from_head = Transform<Scan, Head>(pose());
    r.rms_mm = number();
    if (full) {
        r.fiducials = {{"nasion", number(), number()}, {text(), number(), number()}};
        r.reasons = {text(), text(), text()};
    }
    r.surface_points = whole(0, 1000);
    r.predicted_rms_mm = number();
    r.predicted_p95_mm = number();
    r.predicted_angle_deg = number();
    r.verdict = text();
    r.made = time();
    return r;
}

LandmarkTouches SampleRecords::touches(RecordId session, bool full) {
    LandmarkTouches r;
    r.session = session;
    if (full) {
        for (int i = 0; i < 3; ++i) r.landmarks.push_back({text(), {Eigen::Vector3d(number(), number(), number())}});
        r.drift_mm = number();
        r.drift_deg = number();
        r.reasons = {text(), text()};
    }
    r.verdict = text();
    r.made = time();
    return r;
}

CoilCalibrationRecord SampleRecords::calibration(RecordId session) {
    return {0, session, text(), Transform<CoilBody, Coil>(pose()), text(), number(), time()};
}

TargetRecord SampleRecords::target(RecordId session, bool full) {
    TargetRecord r;
    r.session = session;
    r.name = text();
    r.side = side();
    r.cortex = {Eigen::Vector3d(number(), number(), number())};
    r.scan_from_coil = Transform<Scan, Coil>(pose());
    if (full) r.cortex_mni = Point<Mni>{Eigen::Vector3d(number(), number(), number())};
    r.source = text();
    r.made = time();
    return r;
}

HotspotRecord SampleRecords::hotspot(RecordId session) {
    const Point<Scan> cortex{Eigen::Vector3d(number(), number(), number())};
    return {0, session, text(), cortex, Transform<Scan, Coil>(pose()), number(), whole(0, 200), text(), time()};
}

ThresholdRecord SampleRecords::threshold(RecordId session) {
    return {0, session, text(), number(), number(), number(), whole(0, 200), text(), time()};
}

Pulse SampleRecords::pulse(RecordId session, int sequence, bool full) {
    Pulse r;
    r.session = session;
    r.purpose = static_cast<PulsePurpose>(whole(0, 2));
    r.sequence = sequence;
    r.train = whole(0, 20);
    r.index = whole(0, 80);
    r.time = time();
    r.device_time_s = number();
    r.device_count = static_cast<std::uint64_t>(whole(0, 2'000'000'000)) * 4'000'000'001U;
    r.intensity_mso = number();
    r.pose_age_ms = number();
    r.valid = full;
    r.reason = text();
    r.mep_verdict = text();
    if (full) {
        r.tracker_from_head = Transform<Tracker, Head>(pose());
        r.tracker_from_coil_body = Transform<Tracker, CoilBody>(pose());
        r.scan_from_coil = Transform<Scan, Coil>(pose());
        r.deviation = Deviation{number(), number(), number(), number()};
        r.mep_uv = number();
        r.mep_latency_ms = number();
    }
    return r;
}

Outcome SampleRecords::outcome(RecordId session, bool full) {
    Outcome r;
    r.session = session;
    if (full) {
        r.relief_percent = number();
        r.relief_days = number();
        r.pain_before = number();
        r.pain_after = number();
        r.worst_symptom_after = number();
    }
    r.adverse_events = text();
    r.note = text();
    r.asked = time();
    return r;
}

SessionEvent SampleRecords::event(RecordId session) { return {0, session, text(), text(), time()}; }

void add_clinical(Store& store, const std::string& case_code, RecordId session) {
    ClinicalStore& clinic = clinical(store);
    ScreeningRecord screening;
    screening.case_code = case_code;
    screening.session = session;
    for (int item = 0; item <= static_cast<int>(ScreeningItem::earlier_mri_trouble); ++item) {
        screening.entries.push_back({static_cast<ScreeningItem>(item), static_cast<ScreeningAnswer>(item % 3)});
    }
    screening.note = "asked by telephone";
    screening.signed_by = "Dr A";
    screening.override_by = "Dr B";
    screening.override_reason = "the device was taken out";
    screening.asked = from_iso8601("2026-10-26T09:31:07.123Z");
    clinic.add(screening);
    MedicationRecord medication;
    medication.case_code = case_code;
    medication.name = "pregabalin";
    medication.atc = "N03AX16";
    medication.mg_per_day = 300.0;
    medication.raises_motor_threshold = true;
    medication.from = screening.asked;
    clinic.add(medication);
    InstrumentRecord score;
    score.case_code = case_code;
    score.session = session;
    score.instrument = "NPSI";
    score.score = "total";
    score.value = 41.5;
    score.asked = screening.asked;
    clinic.add(score);
    AdverseEventRecord event;
    event.session = session;
    event.type = "headache";
    event.onset = "within 24 h";
    event.duration_h = 2.5;
    event.severity = 1;
    event.relatedness = "possible";
    event.action = "none";
    event.outcome = "resolved";
    event.asked = screening.asked;
    clinic.add(event);
    ImplantRecord implant;
    implant.case_code = case_code;
    implant.step = "implanted";
    implant.date = screening.asked;
    implant.side = Side::left;
    implant.electrode = "four contacts";
    implant.frequency_hz = 40.0;
    implant.pulse_us = 60.0;
    implant.months = 0;
    clinic.add(implant);
}

}  // namespace precentral
