"""Reads mails back with Python's own parser: a JSON list of base64 on stdin, a JSON list of what was found on stdout.

Defects are the parser's: of the message, of each part, and of each header (email.errors).
"""
import base64
import json
import sys
from email import message_from_bytes, policy


def found(raw):
    mail = message_from_bytes(raw, policy=policy.default)
    parts = list(mail.walk())
    headers = [value for part in parts for value in part.values()]
    defects = [defect for thing in parts + headers for defect in getattr(thing, "defects", ())]
    # A long header begins on a line of its own; the white space of the fold is not its text (RFC 5322, 2.2.3).
    header = lambda name: None if mail[name] is None else str(mail[name]).strip()
    return {
        "defects": [repr(defect) for defect in defects],
        "headers": [name.lower() for name in mail.keys()],
        "types": [part.get_content_type() for part in parts],
        "from": header("from"),
        "to": header("to"),
        "subject": header("subject"),
        "messageId": header("message-id"),
        "references": header("references"),
        "inReplyTo": header("in-reply-to"),
        "autoSubmitted": header("auto-submitted"),
        "listId": header("list-id"),
        "listUnsubscribe": header("list-unsubscribe"),
        "date": mail["date"].datetime.timestamp(),
        "text": mail.get_body(("plain",)).get_content(),
        "html": mail.get_body(("html",)).get_content(),
        "attachments": len(list(mail.iter_attachments())),
    }


json.dump([found(base64.b64decode(mail)) for mail in json.load(sys.stdin)], sys.stdout)
