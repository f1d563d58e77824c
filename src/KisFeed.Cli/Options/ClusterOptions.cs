using KisFeed.Hosting;
using KisFeed.RabbitMq;
using Microsoft.Extensions.Logging;

namespace KisFeed.Cli.Options;

/// <summary>
/// The options of a RabbitMQ cluster. Its password never needs to be on the command line, where other users of the machine see it.
/// </summary>
internal sealed class ClusterOptions
{
    public const string AddressVariable = "KISFEED_AMQP";

    public const string PasswordVariable = "KISFEED_AMQP_PASSWORD";

    private const int MaxPartitions = 64;

    private readonly ValueOption<string> _prefix = new("--amqp-prefix", "NAME",
        UiText.Of(
            "The beginning of the names of the streams, the same for all publishers and readers: letters, digits, dots, hyphens and "
                + "underscores.",
            "스트림 이름의 앞부분. 올리는 쪽과 읽는 쪽이 모두 같아야 합니다. 영문자, 숫자, 점, 하이픈, 밑줄."))
    { DefaultValueFactory = _ => "kisfeed" };

    private readonly ValueOption<int> _partitions = new("--amqp-partitions", "N",
        UiText.Of("The number of streams, 1 to 64, the same for all publishers and readers.", "스트림 수, 1~64. 올리는 쪽과 읽는 쪽이 모두 같아야 합니다."))
    { DefaultValueFactory = _ => 8 };

    private readonly ValueOption<string?> _authorities = new("--amqp-ca", "FILE",
        UiText.Of(
            "amqps: a file with the certificates (PEM) of the authorities that the cluster's may come from. [those of the system]",
            "amqps: 클러스터 인증서를 발급한 기관의 인증서(PEM) 파일. [시스템이 신뢰하는 기관]"));

    private readonly ValueOption<string?> _passwordFile = new("--amqp-password-file", "FILE",
        UiText.Of(
            "A file with the password in its first line, which other users may not read. It is read for each connection. "
                + $"[{PasswordVariable}{SecretVariable.FileSuffix}, else the password in {PasswordVariable}]",
            $"첫 줄에 비밀번호가 있는 파일. 다른 사용자가 읽을 수 없어야 합니다. 접속할 때마다 읽습니다. [{PasswordVariable}{SecretVariable.FileSuffix}, 없으면 "
                + $"{PasswordVariable}의 비밀번호]"));

    public Option[] All => [_prefix, _partitions, _authorities, _passwordFile];

    /// <summary>Returns the cluster at an address, or at that of the environment if there is none.</summary>
    public RabbitMqClusterOptions Read(CommandHost host, ParseResult arguments, string? address, ILoggerFactory? log, Option? option = null)
    {
        var isGiven = address is not null && host.HasOnCommandLine(address);
        address ??= host.Variable(AddressVariable)
            ?? throw new CommandException(UiText.Of(
                $"the cluster is missing: add its address, e.g. amqp://kisfeed@mq1, or set {AddressVariable}",
                $"클러스터 주소가 없습니다. 주소를 적거나(예: amqp://kisfeed@mq1) {AddressVariable}을 설정하세요"));
        var cluster = option.Parse(() => ClusterAddress.Parse(address));
        var file = arguments.GetValue(_passwordFile);
        if (isGiven && cluster.Password is not null)
        {
            host.WriteMessage(UiText.Of(
                $"kisfeed: warning: other users of this machine can see the password in the list of processes: use {PasswordVariable} or "
                    + $"{_passwordFile.Name} instead",
                $"kisfeed: 경고: 이 컴퓨터의 다른 사용자가 프로세스 목록에서 비밀번호를 볼 수 있습니다. {PasswordVariable}나 {_passwordFile.Name}을 쓰세요"));
        }
        var password = file is null && cluster.Password is not null ? cluster.Password : ReadPassword(host, file);
        file ??= cluster.Password is null ? host.Variable(PasswordVariable + SecretVariable.FileSuffix) : null;
        if (password is not null && cluster.User is null)
        {
            throw new CommandException(UiText.Of(
                "the password of the cluster is set, but its address has no user: use amqp://USER@HOST",
                "클러스터 비밀번호는 있는데 주소에 사용자가 없습니다. amqp://USER@HOST처럼 쓰세요"));
        }
        if (arguments.GetValue(_authorities) is { } authorities && !File.Exists(authorities))
        {
            throw new CommandException(
                UiText.Of(
                    $"{_authorities.Name}: {authorities} does not exist: name a file with the certificates of the cluster's authorities "
                        + "(PEM)",
                    $"{_authorities.Name}: {authorities} 파일이 없습니다. 클러스터 인증서를 발급한 기관의 인증서(PEM) 파일을 지정하세요"));
        }
        if (arguments.GetValue(_partitions) is < 1 or > MaxPartitions)
        {
            throw new CommandException(UiText.Of(
                $"{_partitions.Name} must be from 1 to {MaxPartitions}",
                $"{_partitions.Name}: 1~{MaxPartitions}이어야 합니다"));
        }
        return new RabbitMqClusterOptions
        {
            Nodes = file is not null || password is null
                ? cluster.Nodes
                : [.. cluster.Nodes.Select(node => WithPassword(node, cluster.User!, password))],
            UserName = cluster.User ?? "guest",
            PasswordFile = file,
            CertificateAuthorityFile = arguments.GetValue(_authorities),
            Prefix = arguments.GetRequiredValue(_prefix),
            Partitions = arguments.GetRequiredValue(_partitions),
            LoggerFactory = log,
            TimeProvider = host.Time,
        };
    }

    private static Uri WithPassword(Uri node, string user, string password) =>
        new UriBuilder(node) { UserName = Uri.EscapeDataString(user), Password = Uri.EscapeDataString(password) }.Uri;

    // A file on the command line takes precedence over the address, and the address over the environment.
    private static string? ReadPassword(CommandHost host, string? file)
    {
        var secret = SecretVariable.Read(
            name => file is null ? host.Variable(name) : name == PasswordVariable + SecretVariable.FileSuffix ? file : null,
            PasswordVariable);
        return secret.Warning is { } warning ? throw new CommandException(warning) : secret.Value;
    }
}
