"""Logs in with Python's own mail clients. One job a line on stdin, one answer a line on stdout, both JSON; jobs run side by side."""
import base64, imaplib, json, poplib, smtplib, ssl, sys, threading

PATIENCE = 20  # seconds for one answer of the server


def text(value):
    if isinstance(value, (list, tuple)):
        return ' '.join(text(part) for part in value)
    return value.decode('utf-8', 'replace') if isinstance(value, bytes) else str(value)


def plain(attempt):
    return ('\0%s\0%s' % (attempt['user'], attempt['password'])).encode()


def context_of(job):
    context = ssl.create_default_context(cafile=job.get('ca'))
    if job.get('cert'):
        context.load_cert_chain(job['cert'], job['key'])
    return context


class Imap:
    def __init__(self, job):
        if job['tls'] == 'implicit':
            self.it = imaplib.IMAP4_SSL(job['host'], job['port'], ssl_context=context_of(job), timeout=PATIENCE)
        else:
            self.it = imaplib.IMAP4(job['host'], job['port'], timeout=PATIENCE)
        self.it._encoding = 'utf-8'
        if job['tls'] == 'starttls':
            self.it.starttls(context_of(job))

    def attempt(self, a):
        way = a['mechanism']
        if way == 'LOGIN command':
            return self.it.login(a['user'], a['password'])
        if way == 'PLAIN':
            return self.it.authenticate('PLAIN', lambda _: plain(a))
        if way == 'LOGIN':
            answers = [a['user'].encode(), a['password'].encode()]
            return self.it.authenticate('LOGIN', lambda _: answers.pop(0))
        if way == 'CRAM-MD5':
            return self.it.login_cram_md5(a['user'], a['password'])
        if way == 'EXTERNAL':
            return self.it.authenticate('EXTERNAL', lambda _: a['user'].encode())
        raise ValueError(way)

    def mailbox(self):
        return text(self.it.list('""', 'on-*')[1])

    def close(self):
        self.it.shutdown()


class Pop3:
    def __init__(self, job):
        if job['tls'] == 'implicit':
            self.it = poplib.POP3_SSL(job['host'], job['port'], context=context_of(job), timeout=PATIENCE)
        else:
            self.it = poplib.POP3(job['host'], job['port'], timeout=PATIENCE)
        if job['tls'] == 'starttls':
            self.it.stls(context_of(job))

    def attempt(self, a):
        if a['mechanism'] == 'USER/PASS':
            self.it.user(a['user'])
            return self.it.pass_(a['password'])
        if a['mechanism'] == 'APOP':
            return self.it.apop(a['user'], a['password'])
        raise ValueError(a['mechanism'])

    def mailbox(self):
        return text([line for line in self.it.retr(1)[1] if line.startswith(b'Subject:')])

    def close(self):
        self.it.close()


class Smtp:
    def __init__(self, job):
        if job['tls'] == 'implicit':
            self.it = smtplib.SMTP_SSL(job['host'], job['port'], context=context_of(job), timeout=PATIENCE)
        else:
            self.it = smtplib.SMTP(job['host'], job['port'], timeout=PATIENCE)
        self.it.ehlo()
        if job['tls'] == 'starttls':
            self.it.starttls(context=context_of(job))
            self.it.ehlo()

    def attempt(self, a):
        way = a['mechanism']
        self.it.user, self.it.password = a['user'], a['password']
        if way == 'PLAIN' and not a['password'].isascii():
            # smtplib's own PLAIN knows ASCII only.
            code, said = self.it.docmd('AUTH', 'PLAIN ' + base64.b64encode(plain(a)).decode())
        elif way == 'EXTERNAL':
            code, said = self.it.docmd('AUTH', 'EXTERNAL ' + base64.b64encode(a['user'].encode()).decode())
        else:
            ways = {'PLAIN': self.it.auth_plain, 'LOGIN': self.it.auth_login, 'CRAM-MD5': self.it.auth_cram_md5}
            code, said = self.it.auth(way, ways[way])
        if code not in (235, 503):
            raise smtplib.SMTPAuthenticationError(code, said)
        return code, said

    def mailbox(self):
        return text(self.it.ehlo()[1]).splitlines()[0]

    def close(self):
        self.it.close()


REFUSALS = (imaplib.IMAP4.error, poplib.error_proto, smtplib.SMTPException, OSError, EOFError)


def run(job):
    answer = {'id': job['id'], 'attempts': [], 'mailbox': None}
    try:
        client = {'imap': Imap, 'pop3': Pop3, 'smtp': Smtp}[job['protocol']](job)
    except REFUSALS as trouble:
        return dict(answer, trouble='%s: %s' % (type(trouble).__name__, trouble))
    try:
        for attempt in job['attempts']:
            try:
                said = text(client.attempt(attempt))
                answer['attempts'].append({'ok': True, 'said': said})
                answer['mailbox'] = client.mailbox()
                break
            except REFUSALS as trouble:
                answer['attempts'].append({'ok': False, 'said': text(trouble.args)})
    finally:
        client.close()
    return answer


def main():
    lock = threading.Lock()

    def work(job):
        try:
            answer = run(job)
        except Exception as trouble:  # a mistake in this script must not look like a silent server
            answer = {'id': job['id'], 'attempts': [], 'mailbox': None, 'trouble': repr(trouble)}
        with lock:
            print(json.dumps(answer), flush=True)

    for line in sys.stdin:
        threading.Thread(target=work, args=(json.loads(line),), daemon=True).start()


main()
