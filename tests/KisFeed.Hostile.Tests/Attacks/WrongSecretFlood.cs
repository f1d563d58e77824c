namespace KisFeed.Hostile.Attacks;

/// <summary>Requests for approval keys with an existing app key and a wrong secret.</summary>
/// <param name="attackers">The number of simultaneous attackers.</param>
internal sealed class WrongSecretFlood(int attackers) : Attack("wrong-secrets", attackers)
{
    private static readonly string s_secret = new('w', 180);

    protected override async Task TryOnceAsync(AttackTarget target, int attacker, CancellationToken end)
    {
        if (await AttackSocket.ApprovalKeyAsync(target, s_secret, end) is null)
            CountRefusal();
    }
}
