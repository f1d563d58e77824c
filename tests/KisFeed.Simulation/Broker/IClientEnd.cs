namespace KisFeed.Simulation.Broker;

/// <summary>The other end of a connection, as far as the server can reach it.</summary>
internal interface IClientEnd
{
    /// <summary>The number that the client gave the connection.</summary>
    long Number { get; }

    /// <summary>Which session it belongs to.</summary>
    int Session { get; }

    /// <summary>Sends a message down the line.</summary>
    /// <param name="message">The message.</param>
    /// <param name="late">How long it is held up, out of turn; zero for the order in which messages are sent.</param>
    void Send(ServerMessage message, TimeSpan late);

    /// <summary>Ends the connection.</summary>
    /// <param name="abruptly">Whether what is under way is lost.</param>
    void Close(bool abruptly);
}
