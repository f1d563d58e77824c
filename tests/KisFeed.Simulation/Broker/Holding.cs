using System.Text;
using KisFeed.Wire;

namespace KisFeed.Simulation.Broker;

/// <summary>A registration as the server holds it.</summary>
/// <param name="topic">What is registered.</param>
/// <param name="since">The number of the last record before it was registered: it is sent those after it.</param>
/// <param name="key">The key of its encrypted frames.</param>
/// <param name="iv">The IV of its encrypted frames.</param>
internal sealed class Holding(Topic topic, long since, string key, string iv) : IDisposable
{
    private NoticeCipher? _cipher;

    public Topic Topic => topic;

    public long Since => since;

    public string Key => key;

    public string Iv => iv;

    public NoticeCipher Cipher => _cipher ??= new NoticeCipher(NoticeKey.TryCreate(Encoding.ASCII.GetBytes(key), Encoding.ASCII.GetBytes(iv))!);

    public void Dispose() => _cipher?.Dispose();
}
