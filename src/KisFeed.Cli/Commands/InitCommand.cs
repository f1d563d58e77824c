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
        "--env", UiText.Of(
            "The broker's service: production or mock (모의투자), which have different app keys. [KISFEED_ENVIRONMENT, else prod]",
            "증권사 서비스: prod(실전투자) 또는 mock(모의투자). 앱키가 서로 다릅니다. [KISFEED_ENVIRONMENT, 없으면 prod]"),
        preset: null);
    private readonly SwitchOption _force = new("--force", UiText.Of(
        "Replace an app key that the file has already.",
        "파일에 이미 있는 앱키 바꾸기."));
    private readonly SwitchOption _noCheck = new("--no-check", UiText.Of(
        "Do not request an approval key from the service to check the credentials.",
        "접속키를 발급받아 확인하는 과정 생략."));

    public InitCommand(CommandHost host)
        : base(host, "init", UiText.Of(
            "Store your app key and app secret, so that every command finds them: in ~/KIS/config/kis_devlp.yaml, or the file that "
                + "KISFEED_CONFIG names. Asks for them at a terminal; otherwise reads one per line: app key, app secret, HTS ID.",
            "모든 명령이 찾을 수 있도록 앱키와 앱 시크릿을 ~/KIS/config/kis_devlp.yaml, 또는 KISFEED_CONFIG로 지정한 파일에 저장. 터미널에서는 물어보고, 아니면 한 줄에 하나씩 앱키, 앱 시크릿, "
                + "HTS ID를 읽습니다."))
    {
        this.AddAll(_environment, _force, _noCheck);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("kisfeed init", UiText.Of(
            "asks, checks and stores; nothing that you type is shown except the HTS ID",
            "물어보고, 확인하고, 저장. 입력한 것은 HTS ID 말고는 화면에 나오지 않습니다")),
        ("kisfeed init --env mock", UiText.Of("the app key of the mock service, beside that of production", "실전투자 앱키 옆에 모의투자 앱키를")),
        ("kisfeed init --no-check < credentials.txt", UiText.Of(
            "from a file of two or three lines, without contacting the service",
            "두세 줄짜리 파일에서, 서비스에 접속하지 않고")),
    ];

    public override IReadOnlyList<(int Code, string Means)> ExitCodes =>
    [
        (ExitCode.Refused, UiText.Of("the broker refused the credentials; nothing was stored", "증권사가 앱키를 거부함. 저장하지 않았음")),
        (ExitCode.ConnectionLost, UiText.Of("the service cannot be reached; nothing was stored", "서비스에 접속하지 못함. 저장하지 않았음")),
        (ExitCode.Interrupted, UiText.Of("interrupted; nothing was stored", "중단됨. 저장하지 않았음")),
    ];

    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var path = OfficialFilePath.Find(new KisFeedSources { Variable = Host.Variable, HomeFolder = Host.HomeFolder })
            ?? throw new CommandException(UiText.Of(
                "there is no place for the credentials: unset KISFEED_CONFIG, or set it to the path of a file",
                "저장할 곳이 없습니다. KISFEED_CONFIG를 지우거나 파일 경로로 바꾸세요"));
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
                UiText.Of(
                    $"{path.Name} has {first} already; nothing was changed. Replace it with --force, or use 'kisfeed doctor' to check it",
                    $"{path.Name}: {first} 값이 이미 있어 아무것도 바꾸지 않았습니다. 바꾸려면 --force를 쓰고, 확인하려면 'kisfeed doctor'를 실행하세요"));
        }

        var credentials = await ReadAsync(replaces || present.Length == 0, cancellationToken);
        if (!arguments.GetValue(_noCheck))
            await CheckAsync(options, credentials, cancellationToken);
        await StoreAsync(path, target, credentials, names.AppKey, names.AppSecret, cancellationToken);
        Host.WriteMessage(UiText.Of(
            $"Stored in {path.Name}, which only you can read: "
                + $"{string.Join(", ", ValuesOf(credentials, names.AppKey, names.AppSecret).Select(value => value.Name))}",
            $"{path.Name} 파일에 저장했습니다. 본인만 읽을 수 있습니다: "
                + $"{string.Join(", ", ValuesOf(credentials, names.AppKey, names.AppSecret).Select(value => value.Name))}"));
        if (ServiceSettings.HasCredentials(Host))
        {
            Host.WriteMessage(UiText.Of(
                $"{ServiceSettings.AppKeyVariable} or {ServiceSettings.AppSecretVariable} is set: it takes precedence over this file",
                $"{ServiceSettings.AppKeyVariable}나 {ServiceSettings.AppSecretVariable}이 설정되어 있습니다. 이 파일보다 우선합니다"));
        }
        var environment = arguments.IsGiven(_environment) ? $" --env {arguments.GetValue(_environment)}" : "";
        Host.WriteMessage(
            UiText.Of(
                $"Next: 'kisfeed doctor{environment}' checks everything else, 'kisfeed watch trade-krx:005930{environment}' shows a "
                    + "stock.",
                $"다음: 나머지는 'kisfeed doctor{environment}'로 확인하고, 'kisfeed watch trade-krx:005930{environment}'로 종목을 볼 수 있습니다."));
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
        var appKey = Checked(UiText.Of(
            "app key",
            "앱키"), await LineAsync(UiText.Of("App key (not shown): ", "앱키(화면에 나오지 않음): "), isShown: false));
        var appSecret = Checked(UiText.Of("app secret", "앱 시크릿"), await LineAsync(UiText.Of(
            "App secret (not shown): ",
            "앱 시크릿(화면에 나오지 않음): "), isShown: false));
        if (appKey.Length > appSecret.Length)
        {
            Host.WriteMessage(UiText.Of(
                "The app key is longer than the app secret, so they may be swapped: the broker's app keys are shorter than its app "
                    + "secrets.",
                "앱키가 앱 시크릿보다 깁니다. 증권사의 앱키는 앱 시크릿보다 짧으므로 둘이 바뀌었을 수 있습니다."));
        }
        var htsId = readsHtsId ? (await LineAsync(UiText.Of(
            "HTS ID, for order notices (Enter for none): ",
            "HTS ID, 주문 통보용(없으면 Enter): "), isShown: true))?.Trim() : null;
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
            throw new CommandException(UiText.Of($"no {what} was given; nothing was stored", $"{what}: 입력하지 않아 저장하지 않았습니다"));
        return value.All(c => char.IsAscii(c) && !char.IsControl(c) && c != ' ')
            ? value
            : throw new CommandException(
                UiText.Of(
                    $"the {what} has spaces or characters that KIS Developers does not issue; nothing was stored. Copy it again",
                    $"{what}: 공백이나 KIS Developers가 쓰지 않는 문자가 있어 저장하지 않았습니다. 다시 복사하세요"));
    }

    private async Task CheckAsync(KisFeedOptions options, AppCredentials credentials, CancellationToken cancellationToken)
    {
        var address = KisEndpoints.ApprovalOf(options);
        try
        {
            using var issuer = new ApprovalKeyIssuer(address, options.Environment, credentials, options.ClientCertificate);
            using var progress = new Progress(Host, () => UiText.Of(
                $"checking the credentials at {ServiceAddresses.Show(address)} …",
                $"{ServiceAddresses.Show(address)} 앱키 확인 중 …"));
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(options.ConnectTimeout);
            await issuer.IssueAsync(limit.Token);
        }
        catch (KisFeedException e)
        {
            throw new CommandException(UiText.Of(
                $"{FailureText.Of(e)} Nothing was stored.",
                $"{FailureText.Of(e)} 저장하지 않았습니다."), ExitCode.Of(e));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CommandException(
                UiText.Of(
                    $"{ServiceAddresses.Show(address)} did not answer within {DurationText.Format(options.ConnectTimeout)}. Nothing was "
                        + "stored; --no-check stores the credentials without asking the service.",
                    $"{ServiceAddresses.Show(address)}: {DurationText.Format(options.ConnectTimeout)} 안에 응답하지 않아 저장하지 않았습니다. 서비스에 묻지 않고 "
                        + "저장하려면 --no-check를 쓰세요."),
                ExitCode.ConnectionLost);
        }

        Host.WriteMessage(UiText.Of(
            $"The service at {ServiceAddresses.Show(address)} accepts the credentials.",
            $"{ServiceAddresses.Show(address)}: 앱키를 확인했습니다."));
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
