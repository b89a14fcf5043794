/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The MESSAGE_IDs that an administrator can look up: units/hostdriver.catalog explains each of them. */
#pragma once

#define MESSAGE_CHANGE_DONE "7037c0b421e54cc19d1ab600382b3019"
#define MESSAGE_CHANGE_FAILED "d1dbda80f6e043a4b808072f6572acde"
#define MESSAGE_CHANGE_CANCELED "865e53d015a6464a8c46f10f0d345b69"
#define MESSAGE_RECOVERED "48db254bda91460fa633dd762464a44e"
#define MESSAGE_DATABASE_PROBLEM "e36a014eb47f4c9c98d731edd7a6c48c"
#define MESSAGE_DRIFT "61fd3b9f3b0b4a0f8c4f6a2f3c3f7d52"
#define MESSAGE_DRIFT_HEALED "b29c0c5cd0b9477da1d1e27b6a4c9a0e"
#define MESSAGE_KERNEL_NOT_COVERED "1fd26c2b98db4c69b367f7d1d3217872"
