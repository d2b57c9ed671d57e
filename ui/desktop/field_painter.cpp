// SPDX-License-Identifier: Apache-2.0
#include "ui/desktop/field_painter.h"

#include <sys/resource.h>

#include <algorithm>
#include <cmath>

#include "data/error.h"
#include "navigation/efield/coil_file.h"
#include "navigation/efield/field_summary.h"

namespace precentral {
namespace {

constexpr int kLowPriority = 5;
constexpr const char* kCoil = "figure8-70";

}  // namespace

FieldPainter::FieldPainter(std::shared_ptr<const Surface> scalp, std::shared_ptr<const Surface> cortex)
    : scalp_(std::move(scalp)),
      cortex_(std::move(cortex)),
      thread_([this](const std::stop_token& stop) { work(stop); }) {}

FieldPainter::~FieldPainter() {
    thread_.request_stop();
    thread_.join();
}

std::uint64_t FieldPainter::want(const Transform<Scan, Coil>& scan_from_coil,
                                 std::shared_ptr<const ShellModes> inner_skull) {
    const std::scoped_lock lock(mutex_);
    wish_ = Wish{++wishes_, scan_from_coil, std::move(inner_skull)};
    changed_.notify_one();
    return wishes_;
}

void FieldPainter::work(const std::stop_token& stop) {
    ::setpriority(PRIO_PROCESS, 0, kLowPriority);  // of this thread; the session and the bull's-eye come first
    try {
        paint(stop);
    } catch (const Error&) {
        newest_.put(nullptr);  // this cortex cannot be painted
    }
}

void FieldPainter::paint(const std::stop_token& stop) {
    const CoilModel coil = coil_from(kCoil);
    const FieldReader reader(*cortex_);
    std::unique_ptr<CorticalField> field = sphere_cortical_field(*scalp_, cortex_->vertices, coil);
    std::shared_ptr<const ShellModes> in_use;
    Vectors3f values;
    for (;;) {
        Wish wish;
        {
            std::unique_lock lock(mutex_);
            if (!changed_.wait(lock, stop, [&] { return wish_.has_value(); })) return;
            wish = *std::move(wish_);
            wish_.reset();
        }
        try {
            if (wish.inner_skull && wish.inner_skull != in_use && wish.inner_skull->points == cortex_->vertices) {
                field = shell_cortical_field(wish.inner_skull, coil);
                in_use = wish.inner_skull;
            }
            auto painted = std::make_shared<PaintedField>();
            field->evaluate(wish.scan_from_coil, 1.0, values);
            const FieldSummary summary = reader.read(values, field->origin());
            if (!(summary.peak_v_per_m > 0.0) || !std::isfinite(summary.peak_v_per_m)) throw InputError("No field.");
            painted->wish = wish.number;
            painted->peak_v_per_m = summary.peak_v_per_m;
            painted->area_half_mm2 = summary.area_half_mm2;
            painted->origin = summary.origin;
            painted->share.resize(values.size());
            const auto scale = static_cast<float>(1.0 / summary.peak_v_per_m);
            for (std::size_t i = 0; i < values.size(); ++i) {
                painted->share[i] = scale * std::sqrt(values.x[i] * values.x[i] + values.y[i] * values.y[i] +
                                                      values.z[i] * values.z[i]);
            }
            newest_.put(std::move(painted));
        } catch (const InputError&) {
            newest_.put(nullptr);  // no field is known there: none is shown
        }
    }
}

}  // namespace precentral
