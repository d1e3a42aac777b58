import pygame

pygame.init()
screen = pygame.display.set_mode((320, 240))
clock = pygame.time.Clock()
running = True
while running:
    running = not any(event.type == pygame.QUIT for event in pygame.event.get())
    screen.fill((30, 120, 60))
    pygame.display.flip()
    clock.tick(30)
