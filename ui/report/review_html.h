// SPDX-License-Identifier: Apache-2.0
// The page as one HTML file that needs nothing else: text as text, figures as drawings, no script and no address.
#pragma once

#include <QByteArray>

#include "ui/report/review_page.h"

namespace precentral {

// Well-formed as XML too; prints on one A4 sheet. Everything somebody typed is escaped.
QByteArray html_page(const Letter& letter, const ReviewFacts& facts, const ReviewFigures& figures, const PageFit& fit);

}  // namespace precentral
