"""A scoreboard for table tennis, for a screen beside the table."""

import pygame

WIDTH, HEIGHT = 960, 640
GAME = 5
FELT, PANEL, GOLD, CHALK, GREY = (14, 40, 74), (24, 60, 106), (250, 200, 60), (240, 244, 250), (170, 190, 215)


class Scoreboard:
    def __init__(self):
        self.history = []

    def score(self, side):
        return self.history.count(side)

    def winner(self):
        for side in ("left", "right"):
            if self.score(side) >= GAME:
                return side
        return None

    def point(self, side):
        if self.winner() is None:
            self.history.append(side)

    def undo(self):
        if self.history:
            self.history.pop()

    def reset(self):
        self.history.clear()


def draw(screen, board, fonts):
    screen.fill(FELT)
    write(screen, fonts["title"], "Table Tennis Scoreboard", CHALK, (WIDTH // 2, 60))
    for side, x in (("left", 50), ("right", WIDTH // 2 + 20)):
        panel = pygame.Rect(x, 120, WIDTH // 2 - 70, 350)
        pygame.draw.rect(screen, PANEL, panel, border_radius=24)
        if board.winner() == side:
            pygame.draw.rect(screen, GOLD, panel, width=6, border_radius=24)
        write(screen, fonts["text"], side.capitalize(), GREY, (panel.centerx, panel.top + 45))
        write(screen, fonts["score"], str(board.score(side)), CHALK, (panel.centerx, panel.centery + 30))
    winner = board.winner()
    message = f"{winner.capitalize()} player wins!" if winner else f"First to {GAME}"
    write(screen, fonts["text"], message, GOLD, (WIDTH // 2, 520))
    write(screen, fonts["small"], "Left / Right: point     U: undo     N: new game", GREY, (WIDTH // 2, 585))


def write(screen, font, text, colour, centre):
    picture = font.render(text, True, colour)
    screen.blit(picture, picture.get_rect(center=centre))


def main():
    pygame.init()
    screen = pygame.display.set_mode((WIDTH, HEIGHT))
    pygame.display.set_caption("Table Tennis Scoreboard")
    fonts = {
        "title": pygame.font.Font(None, 56),
        "text": pygame.font.Font(None, 48),
        "small": pygame.font.Font(None, 34),
        "score": pygame.font.Font(None, 320),
    }
    board = Scoreboard()
    clock = pygame.time.Clock()
    running = True
    while running:
        for event in pygame.event.get():
            if event.type == pygame.QUIT:
                running = False
            elif event.type == pygame.KEYDOWN:
                if event.key == pygame.K_LEFT:
                    board.point("left")
                elif event.key == pygame.K_RIGHT:
                    board.point("right")
                elif event.key == pygame.K_u:
                    board.undo()
                elif event.key == pygame.K_n:
                    board.reset()
        draw(screen, board, fonts)
        pygame.display.flip()
        clock.tick(30)
    pygame.quit()


if __name__ == "__main__":
    main()
