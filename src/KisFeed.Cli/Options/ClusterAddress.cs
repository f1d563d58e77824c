using System.Text.RegularExpressions;

namespace KisFeed.Cli.Options;

/// <summary>
/// The nodes of a RabbitMQ cluster, as AMQP URIs separated by commas: <c>amqps://USER@mq1,amqps://USER@mq2</c>. Messages quote nothing of
/// them, because a password may be in the wrong place.
/// </summary>
/// <param name="Nodes">The nodes, without user and password.</param>
/// <param name="User">The user, the same for all nodes; <see langword="null"/> if none is given.</param>
/// <param name="Password">The password, the same for all nodes; <see langword="null"/> if none is given.</param>
internal sealed partial record ClusterAddress(IReadOnlyList<Uri> Nodes, string? User, string? Password)
{
    private static string Form => UiText.Of(
        "use amqp://USER@HOST:PORT/VHOST or amqps://…, several nodes separated by commas, with %XX for special characters in their parts",
        "amqp://USER@HOST:PORT/VHOST나 amqps://…로 쓰세요. 노드가 여럿이면 쉼표로 잇고, 특수 문자는 %XX로 씁니다");

    /// <summary>Whether a text has the form of the address of a cluster.</summary>
    public static bool IsAddress(string text) => Scheme().IsMatch(text);

    public static ClusterAddress Parse(string text)
    {
        var nodes = new List<Uri>();
        var users = new HashSet<(string? User, string? Password)>();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!IsAddress(part)
                || !Uri.TryCreate(part, UriKind.Absolute, out var uri)
                || uri.Host.Length == 0
                || uri.Query.Length > 0
                || uri.Fragment.Length > 0)
            {
                throw new CommandException(UiText.Of($"the address of the cluster is not valid: {Form}", $"클러스터 주소가 올바르지 않습니다: {Form}"));
            }
            var user = uri.UserInfo.Split(':', 2);
            users.Add(
                (user[0].Length > 0 ? Uri.UnescapeDataString(user[0]) : null, user.Length > 1 ? Uri.UnescapeDataString(user[1]) : null));
            nodes.Add(new UriBuilder(uri) { UserName = "", Password = "" }.Uri);
        }

        if (users.Count != 1)
        {
            throw new CommandException(users.Count == 0
                ? UiText.Of($"the address of the cluster is not valid: {Form}", $"클러스터 주소가 올바르지 않습니다: {Form}")
                : UiText.Of(
                    "the nodes of the cluster have different users or passwords: use the same for all of them",
                    "클러스터 노드마다 사용자나 비밀번호가 다릅니다. 모두 같게 하세요"));
        }
        var (name, password) = users.Single();
        if (password is not null && name is null)
        {
            throw new CommandException(UiText.Of(
                "the address of the cluster has a password, but no user",
                "클러스터 주소에 비밀번호는 있는데 사용자가 없습니다"));
        }
        return new ClusterAddress(nodes, name, password);
    }

    /// <summary>Removes addresses of clusters from a text, for messages that quote arguments.</summary>
    public static string Mask(string text) => Whole().Replace(text, "amqp://…");

    /// <summary>Returns nodes without user and password, for messages.</summary>
    public static string NameOf(IEnumerable<Uri> nodes) => string.Join(
        ", ",
        nodes.Select(
            node => node.IsDefaultPort || node.Port < 0 ? $"{node.Scheme}://{node.Host}" : $"{node.Scheme}://{node.Host}:{node.Port}"));

    /// <summary>The nodes, without user and password.</summary>
    public override string ToString() => NameOf(Nodes);

    [GeneratedRegex("^amqps?://", RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Scheme();

    [GeneratedRegex(@"amqps?://\S*", RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Whole();
}
