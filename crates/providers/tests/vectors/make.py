#!/usr/bin/env python3
"""Writes the golden vectors beside it. Signatures come from Python's hmac and from openssl, not from our code.

Run by hand after a format has changed; the files are kept, so that a test needs neither."""
import hashlib, hmac, json, subprocess, urllib.parse
from pathlib import Path

HERE = Path(__file__).parent
REF, KEY = "pa42x9k3m7q2", "pr7hh2m4c9d1"
BACK = "https://souk.example/v1/payments/return/%s?attempt=" + REF
HOOK = "https://souk.example/v1/payments/webhooks/%s"


def dump(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def num(text):
    """A JSON number with exactly these digits: marked here, unwrapped after dumping."""
    return "#%s#" % text


def body(value):
    import re
    return re.sub(r'"#([^"#]*)#"', r"\1", dump(value))


def form(pairs):
    return "&".join(f"{urllib.parse.quote(k, safe='')}={urllib.parse.quote(v, safe='')}" for k, v in pairs)


def sign(key, data):
    return hmac.new(key.encode(), data.encode(), hashlib.sha256).hexdigest()


def aes(key, text):
    out = subprocess.run(["openssl", "enc", "-aes-128-cbc", "-K", key.encode().hex(), "-iv", key.encode().hex()],
                         input=text.encode(), capture_output=True, check=True)
    return out.stdout.hex()


def money(minor, currency):
    return {"minor": minor, "currency": currency}


def authorise(minor, currency, brand, lang="ar", hold_only=False):
    return {"op": "authorise", **money(minor, currency), "brand": brand, "lang": lang, "hold_only": hold_only}


def on(op, minor, currency, ref, amount=None):
    return {"op": op, **money(minor, currency), "provider_ref": ref, "action_minor": amount if amount else minor}


def write(name, settings, requests, answers, callbacks):
    file = {"settings": settings, "requests": requests, "answers": answers, "callbacks": callbacks}
    (HERE / f"{name}.json").write_text(json.dumps(file, ensure_ascii=False, indent=1) + "\n")


def request(ask, method, url, headers, text=""):
    return {"ask": ask, "method": method, "url": url, "headers": headers, "body": text}


def answer(ask, text, report=None, error=None):
    return {"ask": ask, "body": text, "report": report, "error": error}


def callback(name, text, headers, verified=None, unverified=None, query="", at=1700000000):
    return {"name": name, "headers": headers, "query": query, "body": text, "at": at,
            "verified": verified, "unverified": unverified}


def tap():
    key, base = "sk_test_7Kd93", "https://api.tap.company"
    heads = {"content-type": "application/json", "authorization": f"Bearer {key}"}

    def charge(amount, currency, source):
        return body({
            "amount": num(amount), "currency": currency, "customer_initiated": True, "threeDSecure": True,
            "save_card": False, "description": "Souk 1001",
            "reference": {"transaction": REF, "order": REF, "idempotent": REF},
            "customer": {"first_name": "Noura", "email": "noura@example.com",
                         "phone": {"country_code": "965", "number": "51234567"}},
            "merchant": {"id": "1124340"}, "source": {"id": source},
            "post": {"url": HOOK % "tap"}, "redirect": {"url": BACK % "tap"}})

    def shown(status, amount="12.345", currency="KWD", url=None, ident="chg_TS01A4520231045Wq2y"):
        transaction = {"timezone": "UTC+03:00", "created": "1699999999123", "amount": num(amount), "currency": currency}
        if url:
            transaction["url"] = url
        return body({
            "id": ident, "object": "charge", "live_mode": False, "api_version": "V2", "status": status,
            "amount": num(amount), "currency": currency, "threeDSecure": True, "transaction": transaction,
            "reference": {"track": "tck_TS05A0820230739s", "payment": "2208231045001", "gateway": "123456789012345",
                          "transaction": REF, "order": REF},
            "response": {"code": "000" if status == "CAPTURED" else "100", "message": status},
            "merchant": {"id": "1124340"}, "source": {"object": "source", "id": "src_kw.knet"}})

    def hashed(amount, currency, status, ident="chg_TS01A4520231045Wq2y"):
        return sign(key, f"x_id{ident}x_amount{amount}x_currency{currency}x_gateway_reference123456789012345"
                         f"x_payment_reference2208231045001x_status{status}x_created1699999999123")

    ident, page = "chg_TS01A4520231045Wq2y", "https://acceptance.tap.company/gosell/v2/payment/tap_process.aspx?chg=1"
    start = authorise(12345, "KWD", "src_kw.knet")
    known = {"reference": REF, "provider_ref": ident, "merchant": "1124340", "amount": money(12345, "KWD")}
    refund = on("refund", 12345, "KWD", ident, 2345)
    write("tap", {"merchant": "1124340", "secret_key": key}, [
        request(start, "POST", f"{base}/v2/charges/", {**heads, "lang_code": "ar"}, charge("12.345", "KWD", "src_kw.knet")),
        request(authorise(999, "SAR", "src_sa.mada", "en"), "POST", f"{base}/v2/charges/", {**heads, "lang_code": "en"},
                charge("9.99", "SAR", "src_sa.mada")),
        request(authorise(100005, "AED", "src_card", "en", True), "POST", f"{base}/v2/authorize/", {**heads, "lang_code": "en"},
                charge("1000.05", "AED", "src_card")),
        request(refund, "POST", f"{base}/v2/refunds/", {**heads, "lang_code": "en"}, body({
            "charge_id": ident, "amount": num("2.345"), "currency": "KWD", "reason": "requested_by_customer",
            "reference": {"merchant": KEY, "idempotent": KEY}})),
        request(on("sync", 12345, "KWD", ident), "GET", f"{base}/v2/charges/{ident}", {"authorization": f"Bearer {key}"}),
        request(on("void", 100005, "AED", "auth_1"), "POST", f"{base}/v2/authorize/auth_1/void", heads),
    ], [
        answer(start, shown("INITIATED", url=page),
               {**known, "phase": "pending", "next": {"type": "redirect", "url": page}}),
        answer(on("sync", 12345, "KWD", ident), shown("CAPTURED"), {**known, "phase": "captured", "next": None}),
        answer(on("sync", 12345, "KWD", ident), shown("DECLINED"), {**known, "phase": "failed", "reason": "100"}),
        answer(refund, body({"id": "re_9", "object": "refund", "status": "PENDING", "amount": num("2.345"),
                             "currency": "KWD", "charge_id": ident, "reference": {"merchant": KEY}}),
               {"provider_ref": ident, "phase": None, "refunds": [
                   {"reference": KEY, "provider_ref": "re_9", "amount": money(2345, "KWD"), "phase": "pending"}]}),
        answer(on("sync", 12345, "KWD", ident), shown("CAPTURED", amount="1.2e1"), error="unreadable"),
    ], [
        callback("captured", shown("CAPTURED"), {"hashstring": hashed("12.345", "KWD", "CAPTURED")},
                 {**known, "phase": "captured", "event": ident + ":CAPTURED"}),
        callback("short amount is hashed with the currency's digits", shown("CAPTURED", amount="12.5"),
                 {"hashstring": hashed("12.500", "KWD", "CAPTURED")}, {"amount": money(12500, "KWD"), "phase": "captured"}),
        callback("two digits", shown("CAPTURED", "10", "SAR"), {"hashstring": hashed("10.00", "SAR", "CAPTURED")},
                 {"amount": money(1000, "SAR"), "phase": "captured"}),
        callback("another key", shown("CAPTURED"),
                 {"hashstring": sign("sk_other", "x")}, unverified={"reference": REF, "provider_ref": ident}),
        callback("a changed status", shown("CAPTURED"), {"hashstring": hashed("12.345", "KWD", "DECLINED")},
                 unverified={"reference": REF, "provider_ref": ident}),
        callback("no header", shown("CAPTURED"), {}, unverified={"reference": REF, "provider_ref": ident}),
        callback("return", "", {}, unverified={"reference": REF, "provider_ref": ident},
                 query=f"attempt={REF}&tap_id={ident}"),
    ])


def knet():
    key, base = "K7Y2M4C9D1Q8R5T3", "https://www.kpay.com.kw"
    back = BACK % "knet"

    def start(lang):
        plain = (f"id=138201&password=pw%26x&action=1&langid={lang}&currencycode=414&amt=12.345&responseURL={back}"
                 f"&errorURL={back}&trackid={REF}")
        query = form([("trandata", aes(key, plain)), ("tranportalId", "138201"), ("responseURL", back), ("errorURL", back)])
        return f"{base}/kpg/PaymentHTTP.htm?param=paymentInit&{query}"

    def result(result, amt="12.345", track=REF):
        plain = (f"paymentid=100202335600053910&result={result}&auth=B02921&avr=N&ref=335610000172&tranid=202335644117172"
                 f"&postdate=1222&trackid={track}&udf1=&udf2=&udf3=&udf4=&udf5=&amt={amt}&authRespCode=00&")
        return form([("paymentid", "100202335600053910"), ("trandata", aes(key, plain)), ("trackid", track)])

    def xml(pairs):
        return "".join(f"<{k}>{v}</{k}>" for k, v in pairs)

    pipe, heads = f"{base}/kpg/tranPipe.htm?param=tranInit", {"content-type": "application/xml"}
    head = [("id", "138201"), ("password", "pw%26x")]
    sync, refund = on("sync", 12345, "KWD", None), on("refund", 12345, "KWD", "202335644117172", 2345)
    find = on("find_refund", 12345, "KWD", "202335644117172", 2345)
    known = {"reference": REF, "provider_ref": "202335644117172", "amount": money(12345, "KWD")}
    write("knet", {"terminal": "138201", "password": "pw%26x", "resource_key": key}, [
        request(sync, "POST", pipe, heads, xml(head + [("action", "8"), ("amt", "12.345"), ("transid", REF),
                                                       ("udf5", "TrackID"), ("trackid", REF)])),
        request(refund, "POST", pipe, heads, xml(head + [("action", "2"), ("amt", "2.345"),
                                                         ("transid", "202335644117172"), ("trackid", KEY)])),
        request(find, "POST", pipe, heads, xml(head + [("action", "8"), ("amt", "2.345"), ("transid", KEY),
                                                       ("udf5", "TrackID"), ("trackid", KEY)])),
    ], [
        answer(authorise(12345, "KWD", ""), None, {"phase": "pending", "next": {"type": "redirect", "url": start("AR")}}),
        answer(authorise(12345, "KWD", "", "en"), None, {"next": {"type": "redirect", "url": start("EN")}}),
        answer(sync, xml([("result", "CAPTURED"), ("auth", "B02921"), ("ref", "335610000172"), ("tranid", "202335644117172"),
                          ("trackid", REF), ("payid", "100202335600053910"), ("amt", "12.345")]),
               {**known, "phase": "captured"}),
        answer(sync, xml([("result", "NOT CAPTURED"), ("trackid", REF), ("amt", "12.345")]), {"phase": "failed"}),
        answer(sync, "<error_code_tag>IPAY0100263</error_code_tag><error_text>!ERROR!-IPAY0100263-Transaction not found</error_text>",
               error="declined"),
        answer(sync, xml([("result", "CAPTURED"), ("trackid", REF)]), error="unreadable"),
        answer(refund, xml([("result", "CAPTURED"), ("tranid", "202335644118000"), ("trackid", KEY), ("amt", "2.345")]),
               {"reference": REF, "phase": None, "refunds": [
                   {"reference": KEY, "provider_ref": "202335644118000", "amount": money(2345, "KWD"), "phase": "done"}]}),
    ], [
        callback("captured", result("CAPTURED"), {}, {**known, "phase": "captured"}),
        callback("not captured", result("NOT CAPTURED"), {}, {**known, "phase": "failed"}),
        callback("by GET", "", {}, {**known, "phase": "captured"}, query=result("CAPTURED")),
        callback("another terminal's key", form([("trandata", aes("A" * 16, "result=CAPTURED&trackid=1")), ("trackid", REF)]),
                 {}, unverified={"reference": REF, "provider_ref": None}),
        callback("in the clear", f"result=CAPTURED&amt=12.345&trackid={REF}", {},
                 unverified={"reference": REF, "provider_ref": None}),
        callback("an error", "", {}, unverified={"reference": REF, "provider_ref": None},
                 query=f"ErrorText=IPAY0100114&trackid={REF}"),
    ])


def checkout_com():
    key, hook, base = "sk_sbox_4f", "whk_92c", "https://api.checkout.com"
    heads = {"content-type": "application/json", "authorization": f"Bearer {key}"}
    back = BACK % "checkout_com"

    def create(amount, currency, source, capture=True):
        return body({"source": source, "amount": num(amount), "currency": currency, "reference": REF,
                     "description": "Souk 1001", "capture": capture, "processing_channel_id": "pc_zz7",
                     "success_url": back, "failure_url": back,
                     "customer": {"email": "noura@example.com", "name": "Noura"}})

    def event(kind, data):
        return body({"id": "evt_az5sblvku4ge3dwpztvyizgcau", "type": kind, "version": "1.0.0",
                     "created_on": "2023-11-14T22:13:20Z", "data": data})

    pay = "pay_mbabizu24mvu3mela5njyhpit4"
    data = {"id": pay, "action_id": "act_1", "amount": num("12340"), "currency": "KWD", "reference": REF,
            "response_code": "10000", "response_summary": "Approved"}
    captured = event("payment_captured", data)
    start, sync = authorise(12340, "KWD", "knet"), on("sync", 12340, "KWD", pay)
    refund = on("refund", 12340, "KWD", pay, 2340)
    known = {"reference": REF, "provider_ref": pay, "amount": money(12340, "KWD")}
    page = "https://pay.checkout.com/knet/1"
    write("checkout_com", {"processing_channel": "pc_zz7", "secret_key": key, "webhook_key": hook}, [
        request(start, "POST", f"{base}/payments", {**heads, "cko-idempotency-key": REF},
                create("12340", "KWD", {"type": "knet", "language": "ar"})),
        request(authorise(999, "SAR", "mada", "en", True), "POST", f"{base}/payments", {**heads, "cko-idempotency-key": REF},
                create("999", "SAR", {"type": "mada"}, False)),
        request(on("capture", 999, "SAR", pay), "POST", f"{base}/payments/{pay}/captures",
                {**heads, "cko-idempotency-key": KEY}, body({"amount": num("999"), "reference": REF})),
        request(on("void", 999, "SAR", pay), "POST", f"{base}/payments/{pay}/voids",
                {**heads, "cko-idempotency-key": KEY}, body({"reference": REF})),
        request(refund, "POST", f"{base}/payments/{pay}/refunds", {**heads, "cko-idempotency-key": KEY},
                body({"amount": num("2340"), "reference": KEY})),
        request(sync, "GET", f"{base}/payments/{pay}", {"authorization": f"Bearer {key}"}),
    ], [
        answer(start, body({"id": pay, "status": "Pending", "reference": REF, "customer": {"id": "cus_1"},
                            "_links": {"self": {"href": "x"}, "redirect": {"href": page}}}),
               {"reference": REF, "provider_ref": pay, "phase": "pending", "next": {"type": "redirect", "url": page}}),
        answer(sync, body({"id": pay, "requested_on": "2023-11-14T22:13:20Z", "amount": num("12340"), "currency": "KWD",
                           "reference": REF, "status": "Partially Refunded",
                           "balances": {"total_authorized": 12340, "total_captured": 12340, "total_refunded": 2340}}),
               {**known, "phase": "captured", "refunded": money(2340, "KWD")}),
        answer(authorise(12345, "KWD", "knet"), None, error="unsupported"),
        answer(authorise(1000000000, "SAR", "mada"), None, error="unsupported"),
        answer(refund, body({"action_id": "act_r", "reference": KEY}), {"reference": REF, "phase": None, "refunds": [
            {"reference": KEY, "provider_ref": "act_r", "amount": money(2340, "KWD"), "phase": "pending"}]}),
    ], [
        callback("captured", captured, {"cko-signature": sign(hook, captured)},
                 {**known, "phase": "captured", "event": "evt_az5sblvku4ge3dwpztvyizgcau"}),
        callback("signed with another account's key", captured, {"cko-signature": sign("whk_other", captured)},
                 unverified={"reference": None, "provider_ref": pay}),
        callback("one byte changed", captured.replace("12340", "12350"), {"cko-signature": sign(hook, captured)},
                 unverified={"reference": None, "provider_ref": pay}),
        callback("refunded", (text := event("payment_refunded", {**data, "reference": KEY, "amount": num("2340")})),
                 {"cko-signature": sign(hook, text)},
                 {"reference": None, "provider_ref": pay, "phase": None, "refunds": [
                     {"reference": KEY, "provider_ref": "act_1", "amount": money(2340, "KWD"), "phase": "done"}]}),
        callback("return", "", {}, unverified={"reference": REF, "provider_ref": pay},
                 query=f"attempt={REF}&cko-payment-id={pay}"),
    ])


def stripe():
    key, hook, base = "sk_test_51", "whsec_6f", "https://api.stripe.com"
    heads = {"authorization": f"Bearer {key}", "stripe-version": "2024-06-20"}
    posts = {**heads, "content-type": "application/x-www-form-urlencoded"}
    back, pi = BACK % "stripe", "pi_3MtwBwLkdIwHu7ix28a3tqPa"

    def intent(status, **more):
        return {"id": pi, "object": "payment_intent", "amount": 4599, "amount_received": 0, "currency": "gbp",
                "status": status, "metadata": {"reference": REF}, "next_action": None, "latest_charge": None,
                "last_payment_error": None, "livemode": False, **more}

    def event(kind, obj):
        return body({"id": "evt_1NG8Du2eZvKYlo2CUI79vXWy", "object": "event", "created": 1700000000, "type": kind,
                     "livemode": False, "data": {"object": obj}})

    def signed(text, at=1700000000, with_key=hook):
        return {"stripe-signature": f"t={at},v1={sign(with_key, f'{at}.{text}')},v0=ffff"}

    start, sync = authorise(4599, "GBP", "klarna", "en"), on("sync", 4599, "GBP", pi)
    refund = on("refund", 4599, "GBP", pi, 599)
    known = {"reference": REF, "provider_ref": pi, "amount": money(4599, "GBP")}
    done = event("payment_intent.succeeded", intent("succeeded", amount_received=4599, latest_charge="ch_1"))
    page = "https://pm-redirects.stripe.com/authorize/acct_1/pa_nonce_1"
    create = [("amount", "4599"), ("currency", "gbp"), ("capture_method", "automatic"), ("confirm", "true"),
              ("payment_method_types[]", "klarna"), ("payment_method_data[type]", "klarna"), ("return_url", back),
              ("description", "Souk 1001"), ("metadata[reference]", REF),
              ("payment_method_data[billing_details][email]", "noura@example.com")]
    write("stripe", {"secret_key": key, "webhook_key": hook}, [
        request(start, "POST", f"{base}/v1/payment_intents", {**posts, "idempotency-key": REF}, form(create)),
        request(on("capture", 4599, "GBP", pi), "POST", f"{base}/v1/payment_intents/{pi}/capture",
                {**posts, "idempotency-key": KEY}, "amount_to_capture=4599"),
        request(on("void", 4599, "GBP", pi), "POST", f"{base}/v1/payment_intents/{pi}/cancel",
                {**posts, "idempotency-key": KEY}, "cancellation_reason=abandoned"),
        request(refund, "POST", f"{base}/v1/refunds", {**posts, "idempotency-key": KEY},
                form([("payment_intent", pi), ("amount", "599"), ("metadata[reference]", KEY)])),
        request(sync, "GET", f"{base}/v1/payment_intents/{pi}?expand[]=latest_charge", heads),
    ], [
        answer(start, body(intent("requires_action", next_action={
            "type": "redirect_to_url", "redirect_to_url": {"return_url": back, "url": page}})),
               {**known, "phase": "pending", "next": {"type": "redirect", "url": page}}),
        answer(sync, body(intent("succeeded", latest_charge={"id": "ch_1", "object": "charge", "amount_refunded": 599})),
               {**known, "phase": "captured", "refunded": money(599, "GBP")}),
        answer(sync, body(intent("requires_payment_method", last_payment_error={"code": "card_declined"})),
               {**known, "phase": "failed", "reason": "card_declined"}),
        answer(sync, body(intent("requires_capture", latest_charge="ch_1")), {**known, "phase": "authorised"}),
        answer(refund, body({"id": "re_1", "object": "refund", "amount": 599, "currency": "gbp", "payment_intent": pi,
                             "status": "succeeded", "metadata": {"reference": KEY}}),
               {"provider_ref": pi, "phase": None, "refunds": [
                   {"reference": KEY, "provider_ref": "re_1", "amount": money(599, "GBP"), "phase": "done"}]}),
        answer(authorise(12345, "KWD", "klarna"), None, error="unsupported"),
    ], [
        callback("succeeded", done, signed(done), {**known, "phase": "captured", "event": "evt_1NG8Du2eZvKYlo2CUI79vXWy"}),
        callback("six minutes old", done, signed(done, 1700000000 - 360), unverified={"reference": None, "provider_ref": pi}),
        callback("four minutes old", done, signed(done, 1700000000 - 240), {**known, "phase": "captured"}),
        callback("another key", done, signed(done, with_key="whsec_other"), unverified={"reference": None, "provider_ref": pi}),
        callback("a header without a signature", done, {"stripe-signature": "t=1700000000"},
                 unverified={"reference": None, "provider_ref": pi}),
        callback("declined", (text := event("payment_intent.payment_failed", intent("requires_payment_method"))),
                 signed(text), {**known, "phase": "failed"}),
        callback("a refunded charge", (text := event("charge.refunded", {
            "id": "ch_1", "object": "charge", "amount": 4599, "amount_refunded": 599, "currency": "gbp",
            "payment_intent": pi, "metadata": {}})), signed(text), {"provider_ref": pi, "phase": None, "refunded": money(599, "GBP")}),
        callback("return", "", {}, unverified={"reference": REF, "provider_ref": pi},
                 query=f"attempt={REF}&payment_intent={pi}&redirect_status=succeeded"),
    ])


def tabby():
    key, base = "sk_test_tabby", "https://api.tabby.ai"
    heads, back = {"content-type": "application/json", "authorization": f"Bearer {key}"}, BACK % "tabby"
    ident = "6cc4a4c4-29ae-4a84-9a5f-7f4e5e6a1f4b"

    def create(amount, currency, lang):
        return body({"payment": {"amount": amount, "currency": currency, "description": "Souk 1001",
                                 "buyer": {"name": "Noura", "email": "noura@example.com", "phone": "+96551234567"},
                                 "order": {"reference_id": REF}},
                     "lang": lang, "merchant_code": "soukkw",
                     "merchant_urls": {"success": back, "cancel": back, "failure": back}})

    def shown(status, captures=(), refunds=()):
        return {"id": ident, "created_at": "2023-11-14T22:13:20Z", "amount": "12.500", "currency": "KWD", "status": status,
                "is_test": True, "order": {"reference_id": REF}, "captures": list(captures), "refunds": list(refunds)}

    part = {"id": "c1", "amount": "12.500", "reference_id": KEY, "created_at": "2023-11-14T22:13:20Z"}
    back_part = {"id": "r1", "amount": "2.500", "reference_id": KEY, "reason": ""}
    start, sync = authorise(12500, "KWD", "installments"), on("sync", 12500, "KWD", ident)
    known = {"reference": REF, "provider_ref": ident, "amount": money(12500, "KWD")}
    page = "https://checkout.tabby.ai/?sessionId=1"
    write("tabby", {"merchant_code": "soukkw", "secret_key": key}, [
        request(start, "POST", f"{base}/api/v2/checkout", heads, create("12.500", "KWD", "ar")),
        request(authorise(34000, "AED", "installments", "en"), "POST", f"{base}/api/v2/checkout", heads,
                create("340.00", "AED", "en")),
        request(on("capture", 12500, "KWD", ident), "POST", f"{base}/api/v2/payments/{ident}/captures", heads,
                body({"amount": "12.500", "reference_id": KEY})),
        request(on("void", 12500, "KWD", ident), "POST", f"{base}/api/v2/payments/{ident}/close", heads, "{}"),
        request(on("refund", 12500, "KWD", ident, 2500), "POST", f"{base}/api/v2/payments/{ident}/refunds", heads,
                body({"amount": "2.500", "reference_id": KEY})),
        request(sync, "GET", f"{base}/api/v2/payments/{ident}", {"authorization": f"Bearer {key}"}),
    ], [
        answer(start, body({"id": "s1", "status": "created", "payment": shown("CREATED"),
                            "configuration": {"available_products": {"installments": [{"web_url": page}]}}}),
               {**known, "phase": "pending", "next": {"type": "redirect", "url": page}}),
        answer(start, body({"id": "s1", "status": "rejected", "payment": shown("REJECTED"),
                            "configuration": {"available_products": {}}}), error="declined"),
        answer(sync, body(shown("AUTHORIZED")), {**known, "phase": "authorised"}),
        answer(sync, body(shown("CLOSED", [part])), {**known, "phase": "captured"}),
        answer(sync, body(shown("CLOSED")), {**known, "phase": "voided"}),
        answer(sync, body(shown("EXPIRED")), {**known, "phase": "failed"}),
        answer(on("refund", 12500, "KWD", ident, 2500), body(shown("CLOSED", [part], [back_part])),
               {**known, "phase": "captured", "refunds": [
                   {"reference": KEY, "provider_ref": "r1", "amount": money(2500, "KWD"), "phase": "done"}]}),
    ], [
        callback("never believed", body({**shown("closed", [part])}), {"x-shop-secret": "whatever"},
                 unverified={"reference": REF, "provider_ref": ident}),
        callback("return", "", {}, unverified={"reference": REF, "provider_ref": ident}, query=f"attempt={REF}&payment_id={ident}"),
    ])


def kaspi():
    base, heads = "https://qrapi-cert-ip.kaspi.kz:8544/r2/v01", {"api-key": "ak_1"}
    posts = {**heads, "content-type": "application/json"}

    def told(data, code=0):
        return body({"StatusCode": code, "Message": "OK" if code == 0 else "error", "Data": data})

    start, link = authorise(1250000, "KZT", "qr", "ru"), authorise(1250000, "KZT", "link", "kk")
    sync, refund = on("sync", 1250000, "KZT", "15"), on("refund", 1250000, "KZT", "15", 250000)
    find = on("find_refund", 1250000, "KZT", "15", 250000)
    known = {"reference": REF, "provider_ref": "15", "amount": money(1250000, "KZT")}
    qr = "51236903777280167836178166503744993984459"
    create = body({"DeviceToken": "dt_1", "Amount": num("12500.00"), "ExternalId": REF})
    options = {"StatusPollingInterval": 5, "QrCodeScanWaitTimeout": 180, "PaymentConfirmationTimeout": 65}
    write("kaspi", {"api_key": "ak_1", "device_token": "dt_1"}, [
        request(start, "POST", f"{base}/qr/create", posts, create),
        request(link, "POST", f"{base}/qr/create-link", posts, create),
        request(sync, "GET", f"{base}/payment/status/15", heads),
        request(refund, "POST", f"{base}/payment/return", posts,
                body({"DeviceToken": "dt_1", "QrPaymentId": 15, "Amount": num("2500.00")})),
        request(find, "GET", f"{base}/payment/details?QrPaymentId=15&DeviceToken=dt_1", heads),
    ], [
        answer(start, told({"QrToken": qr, "ExpireDate": "2023-05-16T10:30:00+06:00", "QrPaymentId": 15,
                            "PaymentMethods": ["Gold", "Red", "Loan"], "QrPaymentBehaviorOptions": options}),
               {**known, "phase": "pending", "next": {"type": "qr", "code": qr, "poll_s": 5}}),
        answer(link, told({"PaymentLink": "https://pay.kaspi.kz/pay/123456789", "PaymentId": 15,
                           "ExpireDate": "2023-05-16T10:30:00+06:00", "PaymentBehaviorOptions": options}),
               {**known, "next": {"type": "redirect", "url": "https://pay.kaspi.kz/pay/123456789"}}),
        answer(sync, told({"Status": "Wait"}), {**known, "phase": "pending"}),
        answer(sync, told({"Status": "Processed", "Amount": num("12500.00"), "ExternalId": REF}), {**known, "phase": "captured"}),
        answer(sync, told({"Status": "Processed", "Amount": num("12500")}), {**known, "phase": "captured"}),
        answer(sync, told({"Status": "Error"}), {**known, "phase": "failed"}),
        answer(sync, told(None, -1501), error="declined"),
        answer(sync, told(None, -999), error="unreadable"),
        answer(refund, told({"ReturnOperationId": 77}), {"reference": REF, "phase": None, "refunds": [
            {"reference": KEY, "provider_ref": "77", "amount": money(250000, "KZT"), "phase": "done"}]}),
        answer(find, told({"QrPaymentId": 15, "TotalAmount": num("12500.00"), "AvailableReturnAmount": num("10000.00"),
                           "TransactionDate": "2023-05-16T10:30:00+06:00"}),
               {**known, "phase": "captured", "refunded": money(250000, "KZT")}),
    ], [
        callback("nothing to believe", body({"Status": "Processed"}), {}, unverified={"reference": None, "provider_ref": None}),
        callback("return", "", {}, unverified={"reference": REF, "provider_ref": None}, query=f"attempt={REF}"),
    ])


for make in (tap, knet, checkout_com, stripe, tabby, kaspi):
    make()
