// SPDX-License-Identifier: Apache-2.0
// The brain surface rendered without a display.
#pragma once

#include <QImage>

#include "imaging/head_model.h"
#include "ui/report/cortex_view.h"

namespace precentral {

// A still of the brain surface as the view sees it, `width_px` wide: light on the crowns, dark in the folds. Uses an
// EGL context that belongs to no screen, on a thread of its own, so a desktop's drawing is left alone. Throws Error in
// one sentence when the machine offers no such context, InputError for an empty surface.
QImage render_cortex(const HeadModel& head, const CortexView& view, int width_px);

}  // namespace precentral
