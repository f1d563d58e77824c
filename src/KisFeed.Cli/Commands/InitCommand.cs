using KisFeed.Approval;
using KisFeed.Cli.Captures;
using KisFeed.Cli.Diagnosis;
using KisFeed.Hosting;

namespace KisFeed.Cli.Commands;

/// <summary><c>kisfeed init</c>: asks for the credentials and stores them in the file that every command reads.</summary>
internal sealed class InitCommand : KisFeedCommand
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly ChoiceOption<ServiceEnvironment> _environment = new(
        "--env", "The broker's service: production or mock (모의투자), which have different app keys. [KISFEED_ENVIRONMENT, else prod]",
        preset: null);
    private readonly SwitchOption _force = new("--force", "Replace an app key that the file has already.");
    private readonly SwitchOption _noCheck = new("--no-check", "Do not request an approval key from the service to check the credentials.");

    public InitCommand(CommandHost host)
        : base(host, "init", "Store your app key and app secret, so that every command finds them: in ~/KIS/config/kis_devlp.yaml, or the "
            + "file that KISFEED_CONFIG names. Asks for them at a terminal; otherwise reads one per line: app key, app secret, HTS ID.")
    {
        this.AddAll(_environment, _force, _noCheck);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("kisfeed init", "asks, checks and stores; nothing that you type is shown except the HTS ID"),
        ("kisfeed init --env mock", "the app key of the mock service, beside that of production"),
        ("kisfeed init --no-check < credentials.txt", "from a file of two or three lines, without contacting the service"),
    ];

    public override IReadOnlyList<(int Code, string Means)> ExitCodes =>
    [
        (ExitCode.Refused, "the broker refused the credentials; nothing was stored"),
        (ExitCode.ConnectionLost, "the service cannot be reached; nothing was stored"),
        (ExitCode.Interrupted, "interrupted; nothing was stored"),
    ];

    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var path = OfficialFilePath.Find(new KisFeedSources { Variable = Host.Variable, HomeFolder = Host.HomeFolder })
            ?? throw new CommandException("there is no place for the credentials: unset KISFEED_CONFIG, or set it to the path of a file");
        var target = ResolvedPath.Of(path.Path);
        var exists = File.Exists(target.Path);
        var options = OptionsWith(arguments, path, exists);
        var names = OfficialFileSource.NamesOf(options.Environment);
        string[] present = exists
            ? [.. OfficialFileSource.NamesWithValue(path, names.AppKey, names.AppSecret, OfficialFileSource.HtsId)]
            : [];
        var replaces = arguments.GetValue(_force);
        if (!replaces && present.FirstOrDefault(name => name != OfficialFileSource.HtsId) is { } first)
        {
            throw new CommandException(
                $"{path.Name} has {first} already; nothing was changed. Replace it with --force, or use 'kisfeed doctor' to check it");
        }

        var credentials = await ReadAsync(replaces || present.Length == 0, cancellationToken);
        if (!arguments.GetValue(_noCheck))
            await CheckAsync(options, credentials, cancellationToken);
        await StoreAsync(path, target, credentials, names.AppKey, names.AppSecret, cancellationToken);
        Host.WriteMessage($"Stored in {path.Name}, which only you can read: "
            + $"{string.Join(", ", ValuesOf(credentials, names.AppKey, names.AppSecret).Select(value => value.Name))}");
        if (ServiceSettings.HasCredentials(Host))
        {
            Host.WriteMessage($"{ServiceSettings.AppKeyVariable} or {ServiceSettings.AppSecretVariable} is set: it takes precedence over "
                + "this file");
        }
        var environment = arguments.IsGiven(_environment) ? $" --env {arguments.GetValue(_environment)}" : "";
        Host.WriteMessage(
            $"Next: 'kisfeed doctor{environment}' checks everything else, 'kisfeed watch trade-krx:005930{environment}' shows a stock.");
        return ExitCode.Success;
    }

    // The addresses and the environment, as other commands will use them.
    private KisFeedOptions OptionsWith(ParseResult arguments, OfficialFilePath path, bool exists)
    {
        KisEnvironment? environment = !arguments.IsGiven(_environment) ? null
            : _environment.Read(arguments) == ServiceEnvironment.Mock ? KisEnvironment.Mock : KisEnvironment.Production;
        var sources = new KisFeedSources
        {
            Variable = name => name == KisFeedVariables.File ? exists ? path.Path : "none" : Host.Variable(name),
            HomeFolder = Host.HomeFolder,
        };
        return KisFeedConfiguration.Read(
            sources, options => options with { Environment = environment ?? options.Environment, TimeProvider = Host.Time }).Options;
    }

    private async Task<AppCredentials> ReadAsync(bool readsHtsId, CancellationToken cancellationToken)
    {
        using var input = new StreamReader(Host.Input, Encoding.UTF8, leaveOpen: true);
        var appKey = Checked("app key", await LineAsync("App key (not shown): ", isShown: false));
        var appSecret = Checked("app secret", await LineAsync("App secret (not shown): ", isShown: false));
        if (appKey.Length > appSecret.Length)
        {
            Host.WriteMessage("The app key is longer than the app secret, so they may be swapped: the broker's app keys are shorter than "
                + "its app secrets.");
        }
        var htsId = readsHtsId ? (await LineAsync("HTS ID, for order notices (Enter for none): ", isShown: true))?.Trim() : null;
        return new AppCredentials
        {
            AppKey = appKey,
            AppSecret = appSecret,
            HtsId = string.IsNullOrEmpty(htsId) ? null : Checked("HTS ID", htsId),
            Source = "what was entered",
        };

        async Task<string?> LineAsync(string question, bool isShown) => Host.InputIsTerminal
            ? await Host.ReadTerminalLine(question, isShown, cancellationToken)
            : await input.ReadLineAsync(cancellationToken);
    }

    private static string Checked(string what, string? text)
    {
        var value = text?.Trim() ?? "";
        if (value.Length == 0)
            throw new CommandException($"no {what} was given; nothing was stored");
        return value.All(c => char.IsAscii(c) && !char.IsControl(c) && c != ' ')
            ? value
            : throw new CommandException(
                $"the {what} has spaces or characters that KIS Developers does not issue; nothing was stored. Copy it again");
    }

    private async Task CheckAsync(KisFeedOptions options, AppCredentials credentials, CancellationToken cancellationToken)
    {
        var address = KisEndpoints.ApprovalOf(options);
        try
        {
            using var issuer = new ApprovalKeyIssuer(address, options.Environment, credentials, options.ClientCertificate);
            using var progress = new Progress(Host, () => $"checking the credentials at {ServiceAddresses.Show(address)} …");
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(options.ConnectTimeout);
            await issuer.IssueAsync(limit.Token);
        }
        catch (KisFeedException e)
        {
            throw new CommandException($"{FailureText.Of(e)} Nothing was stored.", ExitCode.Of(e));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CommandException(
                $"{ServiceAddresses.Show(address)} did not answer within {DurationText.Format(options.ConnectTimeout)}. "
                    + "Nothing was stored; --no-check stores the credentials without asking the service.",
                ExitCode.ConnectionLost);
        }

        Host.WriteMessage($"The service at {ServiceAddresses.Show(address)} accepts the credentials.");
    }

    private static async Task StoreAsync(
        OfficialFilePath path, ResolvedPath target, AppCredentials credentials, string appKey, string appSecret,
        CancellationToken cancellationToken)
    {
        var folder = Path.GetDirectoryName(target.Path)!;
        CreatePrivateFolder(folder);
        var text = File.Exists(target.Path) ? await File.ReadAllTextAsync(target.Path, cancellationToken) : "";
        var changed = OfficialFileText.Set(text, path.Name, ValuesOf(credentials, appKey, appSecret));
        using var file = new AtomicFile(path.Path, target, replaces: true, isPrivate: true);
        await file.Content.WriteAsync(Encoding.UTF8.GetBytes(changed), cancellationToken);
        file.Complete();
    }

    private static (string Name, string Value)[] ValuesOf(AppCredentials credentials, string appKey, string appSecret) =>
    [
        (appKey, credentials.AppKey),
        (appSecret, credentials.AppSecret),
        .. ((string Name, string Value)[])(credentials.HtsId is { } htsId ? [(OfficialFileSource.HtsId, htsId)] : []),
    ];

    private static void CreatePrivateFolder(string folder)
    {
        if (Directory.Exists(folder))
            return;
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
            return;
        }

        CreatePrivateFolder(Path.GetDirectoryName(folder)!);
        Directory.CreateDirectory(folder, OwnerOnly);
    }
}
