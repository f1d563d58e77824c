using KisFeed.Gateway.Consumers;

namespace KisFeed.Cli.Commands.Tokens;

/// <summary><c>kisfeed gateway token link</c>: creates a link that signs a browser in, once.</summary>
internal sealed class TokenLinkCommand : KisFeedCommand
{
    private const string UsualAddress = "http://127.0.0.1:21000/";

    private static readonly TimeSpan s_expires = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan s_mostExpires = TimeSpan.FromHours(24);

    private readonly ConsumerNameArgument _name = new("The name of the consumer.");
    private readonly ValueOption<Uri?> _url = new("--url", "https://…",
        $"The address of the gateway as the browser reaches it. [{UsualAddress}]");
    private readonly Option<TimeSpan?> _expires = CommonOptions.Duration("--expires", "How long the link can be used, at most 24h. [10m]");
    private readonly SwitchOption _noQr = new("--no-qr", "Print no QR code. It is printed only on a terminal.");
    private readonly TextOrJsonOption _format = new("The link, or JSON.");
    private readonly TokenFileOption _file = new();

    public TokenLinkCommand(CommandHost host)
        : base(host, "link",
            "Create a link, with a QR code, that opens the dashboard signed in as a consumer: once, in one browser, and for a short time.")
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
                $"'{text}' is not a valid address. Use http:// or https://, a host and a port, e.g. https://gateway.example:8443.");
            return null;
        };
        _expires.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<TimeSpan?>() is { } expires && (expires > s_mostExpires || expires <= TimeSpan.Zero))
                result.AddError("--expires is at most 24h: anyone who sees the link can use it.");
        });
        this.AddAll(_name, _url, _expires, _noQr, _format, _file);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("kisfeed gateway token link desk --url https://gateway.example:8443", "a QR code to open the dashboard with on a phone"),
        ("kisfeed gateway token link desk", "for a browser on this machine"),
        ("kisfeed gateway token link desk --expires 1m --format json | jq -r .url", "for a program"),
    ];

    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var file = _file.Open(arguments, Host);
        var consumer = file.Find(_name.Read(arguments));
        var now = Host.Time.GetUtcNow();
        if (consumer.ExpiresAt <= now)
        {
            throw new CommandException($"{consumer.Name} may no longer use the gateway since "
                + $"{ConsumerText.TimeOf(consumer.ExpiresAt.Value)}: 'kisfeed gateway token set {consumer.Name} --expires …' changes that");
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
        Host.WriteMessage($"Opens the dashboard as {consumer.Name}, once, until {ConsumerText.TimeOf(expires)}. The first browser that "
            + "opens it is signed in: do not share it.");
        if (arguments.GetValue(_url) is null)
        {
            Host.WriteMessage("The link works in a browser on this machine. For another machine, give the address of the gateway "
                + "as seen from there with --url.");
        }
        else if (address.Scheme == Uri.UriSchemeHttp && !address.IsLoopback)
        {
            Host.WriteMessage(
                "The address is not encrypted: the sign-in can be read on the network. docs/gateway.md explains how to use a certificate.");
        }
        return ExitCode.Success;
    }

    private void WriteText(TextWriter text, string link, bool hasQr)
    {
        if (hasQr)
        {
            var qr = QrCode.Draw(link, Host.UsesColor);
            if (qr.Columns <= Host.TerminalSize().Columns)
                text.Write(qr.Text);
            else
                Host.WriteMessage($"The QR code needs a terminal of {qr.Columns} columns.");
        }

        text.Write($"{link}\n");
    }
}

internal sealed record TokenLinkJson(string Name, string Url, string Expires);
