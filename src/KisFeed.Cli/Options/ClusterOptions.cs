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
        "The beginning of the names of the streams, the same for all publishers and readers: letters, digits, dots, hyphens and "
            + "underscores.")
    { DefaultValueFactory = _ => "kisfeed" };

    private readonly ValueOption<int> _partitions = new("--amqp-partitions", "N",
        "The number of streams, 1 to 64, the same for all publishers and readers.")
    { DefaultValueFactory = _ => 8 };

    private readonly ValueOption<string?> _authorities = new("--amqp-ca", "FILE",
        "amqps: a file with the certificates (PEM) of the authorities that the cluster's may come from. [those of the system]");

    private readonly ValueOption<string?> _passwordFile = new("--amqp-password-file", "FILE",
        "A file with the password in its first line, which other users may not read. It is read for each connection. "
            + $"[{PasswordVariable}{SecretVariable.FileSuffix}, else the password in {PasswordVariable}]");

    public Option[] All => [_prefix, _partitions, _authorities, _passwordFile];

    /// <summary>Returns the cluster at an address, or at that of the environment if there is none.</summary>
    public RabbitMqClusterOptions Read(CommandHost host, ParseResult arguments, string? address, ILoggerFactory? log, Option? option = null)
    {
        var isGiven = address is not null && host.HasOnCommandLine(address);
        address ??= host.Variable(AddressVariable)
            ?? throw new CommandException($"the cluster is missing: add its address, e.g. amqp://kisfeed@mq1, or set {AddressVariable}");
        var cluster = option.Parse(() => ClusterAddress.Parse(address));
        var file = arguments.GetValue(_passwordFile);
        if (isGiven && cluster.Password is not null)
        {
            host.WriteMessage("kisfeed: warning: other users of this machine can see the password in the list of processes: "
                + $"use {PasswordVariable} or {_passwordFile.Name} instead");
        }
        var password = file is null && cluster.Password is not null ? cluster.Password : ReadPassword(host, file);
        file ??= cluster.Password is null ? host.Variable(PasswordVariable + SecretVariable.FileSuffix) : null;
        if (password is not null && cluster.User is null)
            throw new CommandException("the password of the cluster is set, but its address has no user: use amqp://USER@HOST");
        if (arguments.GetValue(_authorities) is { } authorities && !File.Exists(authorities))
        {
            throw new CommandException(
                $"{_authorities.Name}: {authorities} does not exist: name a file with the certificates of the cluster's authorities (PEM)");
        }
        if (arguments.GetValue(_partitions) is < 1 or > MaxPartitions)
            throw new CommandException($"{_partitions.Name} must be from 1 to {MaxPartitions}");
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
