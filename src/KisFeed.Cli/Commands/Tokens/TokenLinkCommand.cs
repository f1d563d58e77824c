using KisFeed.Gateway.Consumers;

namespace KisFeed.Cli.Commands.Tokens;

/// <summary><c>kisfeed gateway token link</c>: creates a link that signs a browser in, once.</summary>
internal sealed class TokenLinkCommand : KisFeedCommand
{
    private const string UsualAddress = "http://127.0.0.1:21000/";

    private static readonly TimeSpan s_expires = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan s_mostExpires = TimeSpan.FromHours(24);

    private readonly ConsumerNameArgument _name = new(UiText.Of("The name of the consumer.", "소비자의 이름."));
    private readonly ValueOption<Uri?> _url = new("--url", "https://…",
        UiText.Of($"The address of the gateway as the browser reaches it. [{UsualAddress}]", $"브라우저에서 접속할 게이트웨이 주소. [{UsualAddress}]"));
    private readonly Option<TimeSpan?> _expires = CommonOptions.Duration("--expires", UiText.Of(
        "How long the link can be used, at most 24h. [10m]",
        "링크를 쓸 수 있는 시간. 24h 이하. [10m]"));
    private readonly SwitchOption _noQr = new("--no-qr", UiText.Of(
        "Print no QR code. It is printed only on a terminal.",
        "QR 코드를 출력하지 않음. 터미널에만 출력합니다."));
    private readonly TextOrJsonOption _format = new(UiText.Of("The link, or JSON.", "링크 또는 JSON."));
    private readonly TokenFileOption _file = new();

    public TokenLinkCommand(CommandHost host)
        : base(host, "link",
            UiText.Of(
                "Create a link, with a QR code, that opens the dashboard signed in as a consumer: once, in one browser, and for a short "
                    + "time.",
                "소비자로 로그인한 대시보드를 여는 링크와 QR 코드 발급. 브라우저 하나에서 한 번, 짧은 시간 동안만 쓸 수 있습니다."))
    {
        _url.CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (Uri.TryCreate(text, UriKind.Absolute, out var url)
                && url.Scheme is "http" or "https"
                && url.Query.Length == 0
                && url.Fragment.Length == 0
                && url.UserInfo.Length == 0)
            {
                return url;
            }
            result.AddError(
                UiText.Of(
                    $"'{text}' is not a valid address. Use http:// or https://, a host and a port, e.g. https://gateway.example:8443.",
                    $"'{text}': 올바른 주소가 아닙니다. https://gateway.example:8443처럼 http://나 https://와 호스트, 포트를 쓰세요."));
            return null;
        };
        _expires.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<TimeSpan?>() is { } expires && (expires > s_mostExpires || expires <= TimeSpan.Zero))
            {
                result.AddError(UiText.Of(
                    "--expires is at most 24h: anyone who sees the link can use it.",
                    "--expires는 24h 이하여야 합니다. 링크를 본 사람은 누구나 쓸 수 있습니다."));
            }
        });
        this.AddAll(_name, _url, _expires, _noQr, _format, _file);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("kisfeed gateway token link desk --url https://gateway.example:8443", UiText.Of(
            "a QR code to open the dashboard with on a phone",
            "휴대폰에서 대시보드를 여는 QR 코드")),
        ("kisfeed gateway token link desk", UiText.Of("for a browser on this machine", "이 컴퓨터의 브라우저용")),
        ("kisfeed gateway token link desk --expires 1m --format json | jq -r .url", UiText.Of("for a program", "프로그램용")),
    ];

    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var file = _file.Open(arguments, Host);
        var consumer = file.Find(_name.Read(arguments));
        var now = Host.Time.GetUtcNow();
        if (consumer.ExpiresAt <= now)
        {
            throw new CommandException(UiText.Of(
                $"{consumer.Name} may no longer use the gateway since {ConsumerText.TimeOf(consumer.ExpiresAt.Value)}: 'kisfeed gateway "
                    + $"token set {consumer.Name} --expires …' changes that",
                $"{consumer.Name}: 게이트웨이를 쓸 수 있는 기한이 {ConsumerText.TimeOf(consumer.ExpiresAt.Value)}에 끝났습니다. 바꾸려면 'kisfeed gateway token "
                    + $"set {consumer.Name} --expires …'를 쓰세요"));
        }
        var expires = now + (arguments.GetValue(_expires) ?? s_expires);
        var address = arguments.GetValue(_url) ?? new Uri(UsualAddress);
        var code = await new SignInLinkFile(file.Path, Host.Time).AddAsync(consumer, expires, cancellationToken);
        var link = $"{address.AbsoluteUri.TrimEnd('/')}/#signin={code}";
        await _format.WriteAsync(
            Host,
            arguments,
            text => WriteText(text, link, hasQr: Host.OutputIsTerminal && !arguments.GetValue(_noQr)),
            () => Json.Line(
                new TokenLinkJson(consumer.Name, link, ConsumerText.TimeOf(expires)), TokensJson.Default.TokenLinkJson),
            cancellationToken);
        Host.WriteMessage(UiText.Of(
            $"Opens the dashboard as {consumer.Name}, once, until {ConsumerText.TimeOf(expires)}. The first browser that opens it is "
                + "signed in: do not share it.",
            $"{consumer.Name} 소비자로 대시보드를 엽니다. {ConsumerText.TimeOf(expires)}까지 한 번만 쓸 수 있습니다. 처음 여는 브라우저가 로그인되니 다른 사람에게 보여 주지 마세요."));
        if (arguments.GetValue(_url) is null)
        {
            Host.WriteMessage(UiText.Of(
                "The link works in a browser on this machine. For another machine, give the address of the gateway as seen from there "
                    + "with --url.",
                "이 컴퓨터의 브라우저에서만 되는 링크입니다. 다른 컴퓨터에서 쓰려면 거기서 접속할 게이트웨이 주소를 --url로 지정하세요."));
        }
        else if (address.Scheme == Uri.UriSchemeHttp && !address.IsLoopback)
        {
            Host.WriteMessage(
                UiText.Of(
                    "The address is not encrypted: the sign-in can be read on the network. docs/gateway.md explains how to use a "
                        + "certificate.",
                    "암호화되지 않은 주소입니다. 네트워크에서 로그인 정보를 읽을 수 있습니다. 인증서를 쓰는 방법은 docs/ko/gateway.md에 있습니다."));
        }
        return ExitCode.Success;
    }

    private void WriteText(TextWriter text, string link, bool hasQr)
    {
        if (hasQr)
        {
            var qr = QrCode.Draw(link, Host.UsesColor);
            if (qr.Columns <= Host.TerminalSize().Columns)
            {
                text.Write(qr.Text);
            }
            else
            {
                Host.WriteMessage(UiText.Of(
                    $"The QR code needs a terminal of {qr.Columns} columns.",
                    $"QR 코드를 보려면 터미널의 너비가 {qr.Columns}칸 이상이어야 합니다."));
            }
        }

        text.Write($"{link}\n");
    }
}

internal sealed record TokenLinkJson(string Name, string Url, string Expires);
