// SPDX-License-Identifier: Apache-2.0
#include "fake_session.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>

namespace precentral::fake {
namespace {

using std::numbers::pi;

Transform<Scan, Coil> pose_at(const Eigen::Vector3d& scalp, const Eigen::Vector3d& outward) {
    // Handle towards the back and the side, at 45 degrees to the midline.
    const Eigen::Vector3d z = -outward.normalized();
    Eigen::Vector3d y = Eigen::Vector3d(scalp.x() < 0 ? 1.0 : -1.0, 1.0, 0.0);
    y = (y - y.dot(z) * z).normalized();
    Eigen::Isometry3d pose = Eigen::Isometry3d::Identity();
    pose.linear().col(0) = y.cross(z);
    pose.linear().col(1) = y;
    pose.linear().col(2) = z;
    pose.translation() = scalp;
    return Transform<Scan, Coil>(pose);
}

TargetRecord some_target() {
    TargetRecord target;
    target.name = "hand, left M1";
    target.side = Side::left;
    target.cortex = {Eigen::Vector3d(-38, -20, 58)};
    target.scan_from_coil = pose_at({-52, -22, 80}, {-0.6, 0.0, 0.8});
    target.cortex_mni = Point<Mni>{Eigen::Vector3d(-37, -22, 60)};
    target.source = "own hotspot, 41 pulses";
    return target;
}

SessionView common(SteadyTime now, Step step) {
    SessionView v;
    v.revision = 1;
    v.case_code = "PRC-7K2M4QXA";
    v.target_side = Side::left;
    v.target_name = "LEFT M1";
    v.pain = "right hand";
    v.visit = 1;
    v.step = step;
    const int at = static_cast<int>(step);
    for (int i = 0; i < kSteps; ++i) {
        v.steps[static_cast<std::size_t>(i)] = i < at    ? StepState::done
                                               : i == at ? StepState::current
                                                         : StepState::blocked;
    }
    v.link = LinkState::connected;
    v.frame_received = now;
    v.head = v.coil = {ToolState::visible, 60.0, 0.0};
    v.stylus = {ToolState::hidden, 0.0, 300.0};
    const Eigen::Vector2d midline = Eigen::Vector2d(-0.5, 0.85).normalized();
    v.compass.midline = midline;
    // Seen from outside a left target the front is at the left: right on the screen is (-m.y, m.x).
    v.compass.front = -Eigen::Vector2d(-midline.y(), midline.x());
    v.treatment.protocol = Protocol();
    v.treatment.intensity_mso = 41.0;
    v.treatment.rmt_mso = 51.0;
    return v;
}

void add_registration(SessionView& v) {
    RegistrationView r;
    r.predicted_rms_mm = 1.4;
    r.predicted_p95_mm = 2.9;
    r.rms_mm = 1.1;
    r.surface_points = 37;
    r.age_s = 12 * 60 + 20;
    r.verdict = "good";
    r.fiducials = {{"nose bridge", 1.2, 1.6}, {"left ear", 1.5, 1.9}, {"right ear", 1.3, 1.8}};
    v.registration = r;
}

std::shared_ptr<const std::vector<DeliveredPulse>> pulses(int count, int per_train) {
    std::mt19937 random(3);
    std::normal_distribution<double> step(0.0, 0.16);
    auto out = std::make_shared<std::vector<DeliveredPulse>>();
    double mm = 0.9;
    for (int i = 0; i < count; ++i) {
        const int train = i / per_train + 1;
        const int index = i % per_train;
        mm = std::abs(mm + step(random) - 0.05 * (mm - 0.9));
        DeliveredPulse p;
        p.train = train;
        p.valid = true;
        p.in_plane_mm = static_cast<float>(train == 3 && std::abs(index - 50) < 6 ? 2.9 - 0.1 * std::abs(index - 50)
                                                                                  : std::min(mm, 1.9));
        p.grade = p.in_plane_mm > 2.0F ? Grade::near : Grade::on;
        out->push_back(p);
    }
    return out;
}

void aim(SessionView& v, Eigen::Vector2d screen_mm, double gap_mm, Eigen::Vector2d tilt, double twist_deg) {
    // From the screen (right, down) back to the target's axes.
    const Eigen::Vector2d down = -v.compass.midline;
    const Eigen::Vector2d right(down.y(), -down.x());
    GuidanceView g;
    g.offset_mm = screen_mm.x() * right + screen_mm.y() * down;
    g.tilt_xy_deg = tilt.x() * right + tilt.y() * down;
    g.deviation = {screen_mm.norm(), gap_mm, tilt.norm(), twist_deg};
    const auto grade = [](double value, double on, double near) {
        return value <= on ? Grade::on : value <= near ? Grade::near : Grade::off;
    };
    g.in_plane = grade(screen_mm.norm(), 2, 5);
    g.gap = grade(gap_mm, 1, 2);
    g.tilt = grade(tilt.norm(), 5, 10);
    g.twist = grade(std::abs(twist_deg), 5, 10);
    g.overall = std::max({g.in_plane, g.gap, g.tilt, g.twist});
    v.guidance = g;
    Eigen::Isometry3d off = Eigen::Isometry3d::Identity();
    off.translation() = Eigen::Vector3d(g.offset_mm.x(), g.offset_mm.y(), -gap_mm);
    off.rotate(Eigen::AngleAxisd(twist_deg * pi / 180.0, Eigen::Vector3d::UnitZ()));
    v.scan_from_coil = Transform<Scan, Coil>(v.target->scan_from_coil.isometry() * off);
}

SessionView treat(SteadyTime now) {
    SessionView v = common(now, Step::treat);
    add_registration(v);
    v.target = some_target();
    v.step_notes[static_cast<std::size_t>(Step::outcome)] = "after train 20";
    v.step_notes[static_cast<std::size_t>(Step::review)] = "after that";
    v.treatment.train = 8;
    v.threshold.rmt_mso = 51;
    v.key = {"PAUSE", "", true, false};
    return v;
}

}  // namespace

SessionView treat_on_target(SteadyTime now) {
    SessionView v = treat(now);
    v.treatment.running = true;
    v.treatment.pulse_in_train = 43;
    v.treatment.pulses = pulses(7 * 80 + 43, 80);
    v.treatment.next_train_in_s = 86;
    v.treatment.remaining_s = 17 * 60 + 38;
    aim(v, {0.98, 0.70}, 0.6, {-1.5, -1.35}, 3.0);
    v.guidance->field_percent = 97;
    v.guidance->field_model = "inner skull";
    v.guidance->act = "On target. Hold still.";
    return v;
}

SessionView treat_off_target(SteadyTime now) {
    SessionView v = treat(now);
    v.treatment.pulse_in_train = 0;
    v.treatment.pulses = pulses(7 * 80, 80);
    v.treatment.next_train_in_s = 52;
    v.treatment.remaining_s = 18 * 60 + 32;
    aim(v, {2.9, 1.77}, 3.2, {4.3, -3.75}, 3.0);
    v.guidance->field_percent = 86;
    v.guidance->field_model = "inner skull";
    v.guidance->act = "Press down 3 mm";
    v.guidance->then = "slide 3 mm to the front";
    return v;
}

SessionView treat_coil_hidden(SteadyTime now) {
    SessionView v = treat(now);
    v.treatment.pulse_in_train = 46;
    auto delivered = std::make_shared<std::vector<DeliveredPulse>>(*pulses(7 * 80 + 46, 80));
    for (std::size_t i = delivered->size() - 3; i < delivered->size(); ++i) {
        (*delivered)[i].valid = false;
        (*delivered)[i].grade = Grade::hidden;
    }
    v.treatment.pulses = delivered;
    v.treatment.paused = true;
    v.treatment.held = "Held: the coil is hidden.";
    v.treatment.remaining_s = 17 * 60 + 38;
    v.coil = {ToolState::hidden, 0.0, 1.8};
    v.key = {"RESUME", "when the coil is seen and on target", false, false};
    return v;
}

SessionView patient_step(SteadyTime now) {
    SessionView v = common(now, Step::patient);
    v.link = LinkState::connecting;
    v.simulated = true;
    v.sentence = "Is this the right patient, and the right side?";
    v.key = {"CONFIRM", "the side is LEFT", true, true};
    return v;
}

SessionView image_step(SteadyTime now) {
    SessionView v = common(now, Step::image);
    v.sentence = "Check the image: left and right, and nothing cut off";
    v.key = {"USE IMAGE", "", true, true};
    return v;
}

SessionView register_step(SteadyTime now, int touched) {
    SessionView v = common(now, Step::registration);
    v.step_notes[static_cast<std::size_t>(Step::target)] = "after Register";
    v.stylus = {ToolState::visible, 60.0, 0.0};
    v.touch.touched = std::min(touched, 40);
    v.touch.wanted = 40;
    v.touch.ask = touched < 1    ? "Touch the nasion"
                  : touched < 2  ? "Touch the left preauricular point"
                  : touched < 3  ? "Touch the right preauricular point"
                  : touched < 40 ? "Draw over the top of the head, behind the ears, right side"
                                 : "Registered. Check the error, then go on.";
    v.sentence = "Hold the tip still for half a second.";
    v.key = {"TOUCH", "hold the tip still", true, true};
    if (touched >= 40) {
        add_registration(v);
        v.registration->age_s = 4;
        v.registration->predicted_rms_mm = 2.3;
        v.registration->predicted_p95_mm = 4.6;
        v.registration->verdict = "fair";
        v.registration->fiducials[2] = {"right ear", 8.3, 11.0};
        v.key = {"ACCEPT", "error at the target 2.3 mm", true, true};
    }
    return v;
}

SessionView check_step(SteadyTime now) {
    SessionView v = common(now, Step::registration);
    v.steps[static_cast<std::size_t>(Step::treat)] = StepState::open;
    v.stylus = {ToolState::visible, 60.0, 0.0};
    add_registration(v);
    CheckView check;
    check.drift_mm = 6.4;
    check.drift_error_mm = 0.6;
    check.drift_deg = 1.5;
    check.verdict = RecheckVerdict::reference_slipped;
    check.age_s = 2.0;
    check.rows = {{"nasion", 6.9, 0.8}, {"left ear", 7.4, 0.6}, {"right ear", 5.8, 0.9}};
    check.reason = "The target lies 6.4 mm and 1.5 degrees from where it was (the fits alone: 0.6 mm, 0.5 degrees).";
    v.touch.ask = "The head reference has slipped";
    v.check = check;
    v.sentence = check.reason;
    v.key = {"REGISTER ANEW", "with what was touched; pulses so far keep theirs", true, true};
    return v;
}

SessionView target_step(SteadyTime now) {
    SessionView v = common(now, Step::target);
    add_registration(v);
    v.target = some_target();
    v.target->source = "template hand area";
    aim(v, {4.2, -2.0}, 4.0, {3.0, 2.0}, -6.0);
    v.guidance->act = "Slide 4 mm to the front";
    v.guidance->field_percent = 80;
    v.sentence = "Hand area proposed in left M1";
    v.key = {"USE TARGET", "side: LEFT", true, true};
    return v;
}

SessionView map_step(SteadyTime now) {
    SessionView v = common(now, Step::map);
    add_registration(v);
    v.target = some_target();
    v.step_notes[static_cast<std::size_t>(Step::treat)] = "needs RMT";
    aim(v, {1.1, 0.9}, 0.5, {1.5, -1.0}, -2.0);
    v.guidance->act = "On target. Hold still.";
    v.guidance->field_percent = 96;
    std::mt19937 random(5);
    std::normal_distribution<double> spread(0.0, 6.0);
    for (int i = 0; i < 24; ++i) {
        const Eigen::Vector3d d(spread(random), spread(random), 0.3 * spread(random));
        const double uv = 900.0 * std::exp(-d.squaredNorm() / 60.0);
        v.mapping.pulses.push_back({{v.target->cortex.xyz + d}, uv, uv > 50.0});
    }
    v.mapping.hotspot = v.target->cortex;
    v.mapping.radius95_mm = 4.6;
    v.mapping.mep_uv = 412;
    v.mapping.latency_ms = 22.1;
    v.mapping.rest_rms_uv = 9;
    v.mapping.verdict = "accepted";
    EmgSweep& sweep = v.mapping.sweep;
    sweep.pulse_count = 24;
    sweep.sample_rate_hz = 3000;
    sweep.start_ms = -20;
    std::normal_distribution<double> noise(0.0, 4.0);
    for (int i = 0; i < 270; ++i) {
        const double ms = sweep.start_ms + i / 3.0;
        double uv = noise(random);
        if (ms >= 0 && ms < 2.0) uv += 260 * std::sin(pi * ms);
        if (ms > 22) uv += 230 * std::sin((ms - 22) * pi / 6.0) * std::exp(-(ms - 22) / 9.0) * 1.35;
        sweep.microvolts.push_back(static_cast<float>(uv));
    }
    ThresholdView& t = v.threshold;
    for (const auto& [mso, yes] : std::initializer_list<std::pair<int, bool>>{{60, true},
                                                                              {45, false},
                                                                              {55, true},
                                                                              {48, false},
                                                                              {53, true},
                                                                              {51, true},
                                                                              {49, false},
                                                                              {50, true},
                                                                              {52, true},
                                                                              {49, false},
                                                                              {51, false},
                                                                              {50, false},
                                                                              {52, true},
                                                                              {50, false}}) {
        t.pulses.push_back({static_cast<double>(mso), yes});
    }
    t.rmt_mso = 51;
    t.low95_mso = 49;
    t.high95_mso = 53;
    t.spread_mso = 2.4;
    t.next_mso = 50;
    v.sentence = "Follow the outline, then pulse";
    v.key = {"PULSE 50 %", "", true, true};
    return v;
}

SessionView outcome_step(SteadyTime now) {
    SessionView v = common(now, Step::outcome);
    add_registration(v);
    v.target = some_target();
    v.treatment.pulses = pulses(1600, 80);
    v.treatment.train = 20;
    v.treatment.pulse_in_train = 80;
    v.threshold = {{}, 51, 49, 53, 2.4, 0, true};
    v.sentence = "How is the pain now?";
    v.key = {"RECORD", "", true, true};
    return v;
}

SessionView review_step(SteadyTime now) {
    SessionView v = outcome_step(now);
    v.step = Step::review;
    v.steps[static_cast<std::size_t>(Step::outcome)] = StepState::done;
    v.steps[static_cast<std::size_t>(Step::review)] = StepState::current;
    v.relief = "40 % for 6 days";
    v.report_path = "reports/review-PRC-7K2M4QXA.pdf";
    v.sentence = "This visit is complete";
    v.key = {"CLOSE", "", true, false};
    return v;
}

void place_on(SessionView& view, const HeadModel& head) {
    const bool moved_target = view.target.has_value();
    Eigen::Vector3d cortex(-38, -20, 58);
    for (const Landmark& landmark : head.motor) {
        if (landmark.name.find("hand") != std::string::npos && landmark.point.xyz.x() < 0) cortex = landmark.point.xyz;
    }
    const auto nearest = [](const Surface& surface, const Eigen::Vector3d& p) {
        std::size_t best = 0;
        for (std::size_t i = 1; i < surface.vertices.size(); ++i) {
            if ((surface.vertices[i].xyz - p).squaredNorm() < (surface.vertices[best].xyz - p).squaredNorm()) best = i;
        }
        return best;
    };
    const std::size_t on_scalp = nearest(head.scalp, cortex);
    const Eigen::Vector3d outward = (head.scalp.vertices[on_scalp].xyz - cortex).normalized();
    if (moved_target) {
        const Eigen::Vector3d old = view.target->cortex.xyz;
        const Transform<Scan, Coil> old_pose = view.target->scan_from_coil;
        view.target->cortex = {cortex};
        view.target->scan_from_coil = pose_at(head.scalp.vertices[on_scalp].xyz, outward);
        if (view.scan_from_coil) {
            view.scan_from_coil =
                Transform<Scan, Coil>(view.target->scan_from_coil.isometry() * old_pose.isometry().inverse() *
                                      view.scan_from_coil->isometry());
        }
        for (MapPulseView& pulse : view.mapping.pulses) {
            const Eigen::Vector3d p = pulse.cortex.xyz - old + cortex + 6.0 * outward;
            pulse.cortex = head.brain.vertices[nearest(head.brain, p)];
        }
        if (view.mapping.hotspot) view.mapping.hotspot = Point<Scan>{cortex};
    }
    if (view.step == Step::registration && view.touch.touched > 3) {
        view.touch.points.clear();
        for (const Landmark& f : head.fiducials) view.touch.points.push_back(f.point);
        Eigen::Vector3d low = head.scalp.vertices.front().xyz;
        Eigen::Vector3d high = low;
        for (const auto& vertex : head.scalp.vertices) {
            low = low.cwiseMin(vertex.xyz);
            high = high.cwiseMax(vertex.xyz);
        }
        const Eigen::Vector3d centre = (low + high) / 2;
        std::mt19937 random(9);
        std::uniform_real_distribution<double> u(-1.0, 1.0);
        while (static_cast<int>(view.touch.points.size()) < view.touch.touched) {
            Eigen::Vector3d d(u(random), u(random), 0.15 + 0.85 * std::abs(u(random)));
            const std::size_t i = nearest(head.scalp, centre + 95.0 * d.normalized());
            const double off = view.touch.points.size() == 20 ? 3.4 : 0.6 * u(random);
            view.touch.points.push_back({head.scalp.vertices[i].xyz + off * head.scalp.normals[i].xyz});
        }
    }
    if (view.step == Step::registration) view.stylus_tip = head.scalp.vertices[on_scalp];
}

std::shared_ptr<const HeadModel> simple_head() {
    const auto ellipsoid = [](Eigen::Vector3d half, Eigen::Vector3d centre, int rings) {
        Surface s;
        for (int i = 0; i <= rings; ++i) {
            for (int j = 0; j < 2 * rings; ++j) {
                const double a = pi * i / rings;
                const double b = pi * j / rings;
                const Eigen::Vector3d n(std::sin(a) * std::cos(b), std::sin(a) * std::sin(b), std::cos(a));
                s.vertices.push_back({centre + half.cwiseProduct(n)});
                s.normals.push_back({n.cwiseQuotient(half).normalized()});
            }
        }
        for (int i = 0; i < rings; ++i) {
            for (int j = 0; j < 2 * rings; ++j) {
                const int a = i * 2 * rings + j;
                const int b = i * 2 * rings + (j + 1) % (2 * rings);
                s.triangles.push_back({a, a + 2 * rings, b});
                s.triangles.push_back({b, a + 2 * rings, b + 2 * rings});
            }
        }
        return s;
    };
    auto head = std::make_shared<HeadModel>();
    head->scalp = ellipsoid({78, 98, 105}, {0, -15, 0}, 40);
    head->brain = ellipsoid({68, 84, 66}, {0, -15, 22}, 40);
    head->t1.dims = {91, 109, 91};
    Eigen::Affine3d scan_from_voxel = Eigen::Affine3d::Identity();
    scan_from_voxel.linear().diagonal() << 2, 2, 2;
    scan_from_voxel.translation() << -90, -126, -90;
    head->t1.scan_from_voxel = AffineMap<Scan, Voxel>(scan_from_voxel);
    std::vector<float> samples;
    for (int k = 0; k < 91; ++k) {
        for (int j = 0; j < 109; ++j) {
            for (int i = 0; i < 91; ++i) {
                const Eigen::Vector3d p = scan_from_voxel * Eigen::Vector3d(i, j, k);
                const double scalp =
                    (p - Eigen::Vector3d(0, -15, 0)).cwiseQuotient(Eigen::Vector3d(78, 98, 105)).norm();
                const double brain =
                    (p - Eigen::Vector3d(0, -15, 22)).cwiseQuotient(Eigen::Vector3d(68, 84, 66)).norm();
                // Brighter to the left, so that a mirrored picture is seen.
                samples.push_back(brain < 1 ? (p.x() < 0 ? 120.0F : 80.0F) : scalp < 1 ? 40.0F : 0.0F);
            }
        }
    }
    head->t1.samples = std::make_shared<const std::vector<float>>(std::move(samples));
    head->brain_volume_ml = 1500;
    head->fiducials = {{"nasion", {Eigen::Vector3d(0, 83, 0)}, "made up"},
                       {"left preauricular", {Eigen::Vector3d(-78, -15, 0)}, "made up"},
                       {"right preauricular", {Eigen::Vector3d(78, -15, 0)}, "made up"}};
    head->motor = {{"hand, left M1", {Eigen::Vector3d(-38, -20, 74)}, "made up"},
                   {"hand, right M1", {Eigen::Vector3d(38, -20, 74)}, "made up"}};
    return head;
}

}  // namespace precentral::fake
